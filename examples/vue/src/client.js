import { createClient, defineReelhook } from 'reelhook-sdk';

/** One client for the whole app: all that follows a video shares its stream. */
export const client = createClient({
  url: document.querySelector('meta[name=reelhook]').content,
  async getToken() {
    const answer = await fetch('/token');
    if (!answer.ok) throw new Error(`our backend answered ${answer.status}`);
    return answer.json();
  },
});

defineReelhook(client);
