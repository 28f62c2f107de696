/** Builds the service worker into one file at the root, which knows the files of the build that it belongs to. */

import { createHash } from 'node:crypto';
import { build, type Plugin, type Rolldown } from 'vite';

const SOURCE = 'src/worker/sw.ts';

export function serviceWorker(): Plugin {
  return {
    name: 'reelhook-service-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') return;
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
      const version = createHash('sha256').update(page.source).update(files.join()).digest('hex').slice(0, 12);
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: await compiled({ version, files: files.map((name) => `/${name}`) }),
      });
    },
  };
}

async function compiled(known: { version: string; files: string[] }): Promise<string> {
  const made = (await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { BUILD: JSON.stringify(known) },
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: SOURCE, output: { format: 'iife', entryFileNames: 'sw.js' } },
    },
  })) as Rolldown.RolldownOutput;
  return made.output[0].code;
}
