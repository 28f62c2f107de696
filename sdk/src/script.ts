/** What `<script src="…/sdk/v1.js">` does, with `type=module` too: offers all as `Reelhook`, and defines the element. */

import { home } from './element.ts';
import { createClient, defineReelhook, messages } from './index.ts';

Object.assign(globalThis, { Reelhook: { createClient, defineReelhook, messages } });
const { src } = (document.currentScript ?? {}) as Partial<HTMLScriptElement>;
// Elements that do not say where Reelhook is ask where this script came from; a module does not know.
if (src) home.url = new URL(src).origin;
defineReelhook();
