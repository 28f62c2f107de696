import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  // Vue must not take the element for a component of its own.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'reelhook-video' } } })],
});
