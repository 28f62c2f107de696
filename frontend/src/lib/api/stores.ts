/** Where files are kept, and what is kept how long. */

import { request, segment } from '../api.ts';

export interface Store {
  name: string;
  default: boolean;
  files: number;
  bytes: number;
  usage: {
    used: number | null;
    free: number | null;
    plan: string | null;
    percent: number | null;
    of: string | null;
  } | null;
  trouble: string | null;
}

export interface Kept {
  table: string;
  rows: number;
  more: boolean;
  settings: { name: string; value: number }[];
  removed: number;
}

const CHECK_TIMEOUT_MS = 120_000;

export const stores = () => request<{ data: Store[] }>('GET', '/stores');

export const checkStore = (name: string) =>
  request<{ trouble: string | null }>('POST', `/stores/${segment(name)}/check`, undefined, CHECK_TIMEOUT_MS);

export const keeping = () => request<{ data: Kept[]; swept_at: string | null }>('GET', '/keeping');
