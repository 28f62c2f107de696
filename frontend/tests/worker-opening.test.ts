import { describe, expect, it, vi } from 'vitest';
import { open } from '../src/worker/opening.ts';

const page = (focused = false) => ({
  focused,
  focus: vi.fn(async () => undefined),
  postMessage: vi.fn(),
});

function world(...pages: ReturnType<typeof page>[]) {
  return { origin: 'https://reelhook.test', pages: async () => pages, openWindow: vi.fn(async () => null) };
}

describe('a notification that was touched', () => {
  it('opens in the page that is looked at, which comes to the front', async () => {
    const [last, watched] = [page(), page(true)];
    const browser = world(last, watched);
    await open('/videos/v1', browser);
    expect(watched.postMessage).toHaveBeenCalledExactlyOnceWith({ kind: 'open', url: '/videos/v1' });
    expect(watched.focus).toHaveBeenCalledOnce();
    expect(last.postMessage).not.toHaveBeenCalled();
    expect(browser.openWindow).not.toHaveBeenCalled();
  });

  it('opens in the page that was looked at last, when none is', async () => {
    const [last, other] = [page(), page()];
    await open('/videos/v1', world(last, other));
    expect(last.focus).toHaveBeenCalledOnce();
    expect(other.focus).not.toHaveBeenCalled();
  });

  it('opens in a new window when the app is not open', async () => {
    const browser = world();
    await open('/videos/v1', browser);
    expect(browser.openWindow).toHaveBeenCalledExactlyOnceWith('https://reelhook.test/videos/v1');
  });

  it('leads nowhere but into the app', async () => {
    const [browser, one] = [world(), page()];
    for (const url of ['https://elsewhere.test/x', '//elsewhere.test/x', 'javascript:alert(1)']) {
      await open(url, browser);
      await open(url, world(one));
    }
    expect(browser.openWindow).not.toHaveBeenCalled();
    expect(one.postMessage).not.toHaveBeenCalled();
  });
});
