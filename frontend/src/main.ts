import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { startLanguage } from './lib/start-language.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element #app');
void startLanguage(document.documentElement, navigator.languages).then(() => mount(App, { target }));

if (import.meta.env.PROD) {
  const register = () => import('./lib/worker.ts').then(({ registerWorker }) => registerWorker());
  window.addEventListener('load', () => void register().catch(() => undefined));
}
