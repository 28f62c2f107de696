/** The viewer of the API's description, as it is published, beside the page of ours that starts it (`public/docs`). */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'LICENSE', 'NOTICE'];

export function reference(): Plugin {
  return {
    name: 'reelhook-reference',
    apply: 'build',
    generateBundle() {
      const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
      for (const name of FILES) {
        const source = readFileSync(join(folder, name));
        this.emitFile({ type: 'asset', fileName: `docs/${name}`, source });
      }
    },
  };
}
