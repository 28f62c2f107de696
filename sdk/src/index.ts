/** What `import … from 'reelhook-sdk'` offers. Nothing touches the page until it is called. */

export { createClient } from './client.ts';
export { defineReelhook, type ReelhookVideoElement, type StateDetail } from './element.ts';
export * from './types.ts';
export { type Messages, messages } from './words.ts';
