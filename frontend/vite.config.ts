import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { mockApi } from './dev/mock.ts';

export default defineConfig({
  base: '/',
  plugins: [svelte({ configFile: false }), mockApi()],
  build: {
    outDir: '../src/reelhook/dashboard/static',
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy allows no `data:` addresses and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
