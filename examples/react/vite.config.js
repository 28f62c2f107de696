import { defineConfig } from 'vite';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic' } },
  // An app of your own installs the package; this one takes what was built beside it.
  resolve: { alias: { 'reelhook-sdk': new URL('../../sdk/dist/reelhook.js', import.meta.url).pathname } },
});
