import { useCallback, useSyncExternalStore } from 'react';
import { client } from './client.js';

/** The video as it is now, for what you draw yourself; undefined until it is known. */
export function useVideo(id) {
  const subscribe = useCallback((changed) => client.subscribe(id, changed), [id]);
  return useSyncExternalStore(subscribe, () => client.get(id));
}
