import { createApp } from 'vue';
import App from './App.vue';
import './client.js';
import './page.css';

createApp(App, { id: new URLSearchParams(location.search).get('video') }).mount('#app');
