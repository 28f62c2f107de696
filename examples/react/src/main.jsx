import { StrictMode, useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';
import './client.js';
import './page.css';
import { useVideo } from './use-video.js';

function App({ id }) {
  const video = useVideo(id);
  const element = useRef(null);
  useEffect(() => {
    const onReady = ({ detail }) => {
      document.title = `Ready: ${detail.video.title}`;
    };
    const { current } = element;
    current.addEventListener('reelhook:ready', onReady);
    return () => current.removeEventListener('reelhook:ready', onReady);
  }, []);
  return (
    <main>
      <h1>{video?.title ?? 'Your video'}</h1>
      <reelhook-video ref={element} video-id={id} />
    </main>
  );
}

const id = new URLSearchParams(location.search).get('video');
createRoot(document.querySelector('#app')).render(
  <StrictMode>
    <App id={id} />
  </StrictMode>,
);
