/** The client of `/analytics`: what happened, in numbers. */

import { query, request } from '../api.ts';
import type { VideoState } from '../types.ts';

export type Step = 'hour' | 'day' | 'week';
export type Metric =
  | 'accepted'
  | 'duplicates'
  | 'rejected'
  | 'recovered'
  | 'apply_time'
  | 'asked'
  | 'render_time'
  | 'archive_time'
  | 'seen_time'
  | 'failed'
  | 'unarchived'
  | 'stored'
  | 'expired'
  | 'rendered_length'
  | 'notified'
  | 'attempts';

export interface Amount {
  count: number;
  p50_ms?: number | null;
  p95_ms?: number | null;
  bytes?: number;
  seconds?: number;
}
export interface Part extends Amount {
  name: string;
  detail: string;
}
export interface User {
  actor: string;
  name: string | null;
  videos: number;
}
export interface Live {
  at: string;
  videos: Partial<Record<VideoState, number>>;
  jobs: Partial<Record<'available' | 'retryable' | 'running' | 'dead', number>>;
  this_hour: Record<'accepted' | 'duplicates' | 'rejected' | 'recovered', number>;
}
export interface Overview {
  metrics: Record<Metric, Amount>;
  rates: Record<'taken' | 'missed' | 'failed', number | null>;
}
export interface Summary {
  from: string;
  to: string;
  counted_until: string;
  now: Overview;
  before: Overview;
}
export type Point = Amount & { at: string };
export interface Series {
  metric: Metric;
  points: Point[];
}

/** A time that is asked about, as the server takes it. */
export interface Asked {
  from: string;
  to: string;
}

export type Format = 'csv' | 'json';

const ROOT = '/analytics';
const named = (metrics: readonly Metric[]) => metrics.map((metric) => `&metric=${metric}`).join('');

const seriesPath = (asked: Asked, metrics: readonly Metric[], step: Step, timeZone: string) =>
  `${ROOT}/series${query({ ...asked, step, time_zone: timeZone })}${named(metrics)}`;

const breakdownPath = (asked: Asked, metric: Metric) => `${ROOT}/breakdown${query({ ...asked, metric })}`;
const usagePath = (asked: Asked) => `${ROOT}/usage${query({ ...asked })}`;

export const analyticsApi = {
  summary: (asked: Asked) => request<Summary>('GET', `${ROOT}/summary${query({ ...asked })}`),
  series: (asked: Asked, metrics: readonly Metric[], step: Step, timeZone: string) =>
    request<{ data: Series[] }>('GET', seriesPath(asked, metrics, step, timeZone)),
  breakdown: (asked: Asked, metric: Metric) => request<{ data: Part[] }>('GET', breakdownPath(asked, metric)),
  usage: (asked: Asked) => request<{ data: User[] }>('GET', usagePath(asked)),
  live: () => request<Live>('GET', `${ROOT}/live`),
  breakdownFile: (asked: Asked, metric: Metric, format: Format) =>
    `/api/v1${breakdownPath(asked, metric)}&format=${format}`,
  usageFile: (asked: Asked, format: Format) => `/api/v1${usagePath(asked)}&format=${format}`,
  /** Where a browser gets the same as a file. */
  file: (asked: Asked, metrics: readonly Metric[], step: Step, timeZone: string, format: Format) =>
    `/api/v1${seriesPath(asked, metrics, step, timeZone)}&format=${format}`,
};
