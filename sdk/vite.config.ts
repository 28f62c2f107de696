import { defineConfig } from 'vitest/config';

/** Two files of the same: `reelhook.js` for `import`, and with `--mode script` `v1.js`, which any page can load. */
export default defineConfig(({ mode }) => {
  const script = mode === 'script';
  return {
    build: {
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      emptyOutDir: false,
      rolldownOptions: { output: { generatedCode: { symbols: false } } },
      lib: script
        ? { entry: 'src/script.ts', formats: ['iife'], name: 'Reelhook', fileName: () => 'v1.js' }
        : { entry: 'src/index.ts', formats: ['es'], fileName: () => 'reelhook.js' },
    },
    test: { include: ['tests/**/*.test.ts'], environment: 'node' },
  };
});
