/** The runbooks of the documentation as a module, HTML by rule: whoever is told at night reads them where the alert is. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import type { Plugin } from 'vite';

const FOLDER = fileURLToPath(new URL('../../docs/runbooks', import.meta.url));
const NAME = 'virtual:runbooks';
/** The name of the rule stands below its title, and needs no brackets there. */
const TITLE = /^(# .+) \((`\w+`)\)$/m;
const RESOLVED = `\0${NAME}`;

export function runbooks(): Plugin {
  return {
    name: 'reelhook-runbooks',
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      const files = readdirSync(FOLDER).filter((file) => file.endsWith('.md'));
      for (const file of files) this.addWatchFile(join(FOLDER, file));
      const pages = files.map((file) => [basename(file, '.md'), rendered(readFileSync(join(FOLDER, file), 'utf8'))]);
      return `export default ${JSON.stringify(Object.fromEntries(pages))}`;
    },
  };
}

/** One level below the page's own heading; a link leads to another runbook, or names the page of the documentation. */
export function rendered(markdown: string): string {
  const marked = new Marked({
    async: false,
    walkTokens: (token) => {
      if (token.type === 'heading') token.depth += 1;
    },
    renderer: {
      link({ href, text }) {
        const rule = /^(\w+)\.md$/.exec(href)?.[1];
        if (rule !== undefined) return `<a href="/health/rules/${rule}">${text}</a>`;
        return href.startsWith('../')
          ? `<code>docs/${href.slice('../'.length)}</code>`
          : `<a href="${href}">${text}</a>`;
      },
    },
  });
  return marked.parse(markdown.replace(TITLE, '$1 $2')) as string;
}
