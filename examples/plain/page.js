const element = document.querySelector('reelhook-video');
element.addEventListener('reelhook:ready', ({ detail }) => {
  document.title = `Ready: ${detail.video.title}`;
});
element.setAttribute('video-id', new URLSearchParams(location.search).get('video'));
