import { onScopeDispose, shallowRef } from 'vue';
import { client } from './client.js';

/** The video as it is now, for what you draw yourself; undefined until it is known. */
export function useVideo(id) {
  const video = shallowRef(client.get(id));
  onScopeDispose(
    client.subscribe(id, (changed) => {
      video.value = changed;
    }),
  );
  return video;
}
