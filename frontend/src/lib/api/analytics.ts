/** The client of `/analytics`: what happened, in numbers. */

import { query, request } from '../api.ts';

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
  | 'attempts';

export interface Amount {
  count: number;
  p50_ms?: number | null;
  p95_ms?: number | null;
  bytes?: number;
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

const ROOT = '/analytics';
const named = (metrics: readonly Metric[]) => metrics.map((metric) => `&metric=${metric}`).join('');

const seriesPath = (asked: Asked, metrics: readonly Metric[], step: Step, timeZone: string) =>
  `${ROOT}/series${query({ ...asked, step, time_zone: timeZone })}${named(metrics)}`;

export const analyticsApi = {
  summary: (asked: Asked) => request<Summary>('GET', `${ROOT}/summary${query({ ...asked })}`),
  series: (asked: Asked, metrics: readonly Metric[], step: Step, timeZone: string) =>
    request<{ data: Series[] }>('GET', seriesPath(asked, metrics, step, timeZone)),
  /** Where a browser gets the same as a file. */
  file: (asked: Asked, metrics: readonly Metric[], step: Step, timeZone: string, format: 'csv' | 'json') =>
    `/api/v1${seriesPath(asked, metrics, step, timeZone)}&format=${format}`,
};
