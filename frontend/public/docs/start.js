/** Shows `/openapi.json`, and lets it be tried out: as whoever is signed in, or by a key given to "Authorize". */

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  filter: true,
  defaultModelsExpandDepth: -1,
  // Nothing is asked of anybody else.
  validatorUrl: null,
  requestInterceptor: (request) => {
    // What a page of ours says with every change (docs/browser-security.md).
    request.headers['X-Reelhook'] = '1';
    return request;
  },
});
