/** Pages that are made of sections: where each is, and what it takes to see it. */

export const SECTIONS = {
  deliveries: { group: 'front-door', scope: 'events:read' },
  rejections: { group: 'front-door', scope: 'rejections:read' },
  senders: { group: 'front-door', scope: 'rejections:read' },
  drift: { group: 'front-door', scope: 'events:read' },
  incidents: { group: 'health', scope: 'monitoring:read' },
  errors: { group: 'health', scope: 'monitoring:read' },
  rules: { group: 'health', scope: 'monitoring:read' },
  objectives: { group: 'health', scope: 'monitoring:read' },
  processes: { group: 'health', scope: 'monitoring:read' },
  analytics: { group: 'health', scope: 'analytics:read' },
  heygen: { group: 'settings', scope: 'settings' },
  stores: { group: 'settings', scope: 'settings' },
  keeping: { group: 'settings', scope: 'settings' },
  telling: { group: 'settings', scope: 'settings' },
  people: { group: 'settings', scope: 'people:read' },
  keys: { group: 'settings', scope: 'keys:read' },
  webhooks: { group: 'settings', scope: 'subscriptions:read' },
  audit: { group: 'settings', scope: 'audit:read' },
  profile: { group: 'account', scope: 'me' },
  notifications: { group: 'account', scope: 'me' },
} as const;

export type SectionName = keyof typeof SECTIONS;
export type Group = (typeof SECTIONS)[SectionName]['group'];

/** The sections of one page, in order. */
export function sectionsOf(group: Group): SectionName[] {
  return (Object.keys(SECTIONS) as SectionName[]).filter((name) => SECTIONS[name].group === group);
}

export function isSection(group: string, name: string): name is SectionName {
  return name in SECTIONS && SECTIONS[name as SectionName].group === group;
}
