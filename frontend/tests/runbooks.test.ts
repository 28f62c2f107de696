import { describe, expect, it } from 'vitest';
import { rendered } from '../dev/runbooks.ts';

describe('a runbook', () => {
  it('stands one level below the heading of the page', () => {
    expect(rendered('# A disk is full (`disk_full`)\n\n## How to look\n')).toBe(
      '<h2>A disk is full <code>disk_full</code></h2>\n<h3>How to look</h3>\n',
    );
  });

  it('leads to other runbooks, and names the pages of the documentation', () => {
    expect(
      rendered('See [no worker](worker_missing.md), [retention.md](../retention.md), [it](https://a.example/b).'),
    ).toBe(
      '<p>See <a href="/health/rules/worker_missing">no worker</a>, <code>docs/retention.md</code>, ' +
        '<a href="https://a.example/b">it</a>.</p>\n',
    );
  });
});
