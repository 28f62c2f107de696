import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  // Vue must not take the element for a component of its own.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'reelhook-video' } } })],
  // An app of your own installs the package; this one takes what was built beside it.
  resolve: { alias: { 'reelhook-sdk': new URL('../../sdk/dist/reelhook.js', import.meta.url).pathname } },
});
