import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { mockApi } from './dev/mock.ts';
import { reference } from './dev/reference.ts';
import { runbooks } from './dev/runbooks.ts';
import { serviceWorker } from './dev/service-worker.ts';

export default defineConfig({
  base: '/',
  plugins: [svelte({ configFile: false }), mockApi(), runbooks(), reference(), serviceWorker()],
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
