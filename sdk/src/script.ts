/** What `<script src="…/sdk/v1.js">` does: offers all of it as `Reelhook`, and defines the element. */

import { defineReelhook, home } from './element.ts';

export * from './index.ts';

const { src } = (document.currentScript as HTMLScriptElement | null) ?? { src: '' };
// Elements that do not say where Reelhook is ask where this script came from; a module does not know.
if (src) home.url = new URL(src).origin;
defineReelhook();
