/** Invented pictures for invented videos: a speaker in a room, each in colours of its own. */

const ROOMS = [
  ['#23424f', '#d9a066', '#7c3f3a'],
  ['#c8b59b', '#2f3b52', '#8a4b32'],
  ['#2c2a44', '#e0b1a0', '#3f7d6e'],
  ['#8fa9a0', '#f0e3d0', '#30424a'],
  ['#70323a', '#e6c7a5', '#22242f'],
  ['#d7dce0', '#5c6f8c', '#b55d3c'],
  ['#33533f', '#e9d9b8', '#9c5a2f'],
  ['#e2c9b4', '#7d5064', '#2e3a36'],
] as const;
const SKIN = ['#8d5a3b', '#e3b492', '#c98e63', '#5d3a28', '#f0cdb0'];
const HAIR = ['#1d1715', '#4a2f20', '#8c6239', '#2b2b30', '#b9986a'];

const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length] as T;

export function poster(seed: number): string {
  const [wall, light, cloth] = pick(ROOMS, seed);
  const skin = pick(SKIN, seed * 3 + 1);
  const hair = pick(HAIR, seed * 5 + 2);
  const x = 500 + (seed % 3) * 140;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720">
  <rect width="1280" height="720" fill="${wall}"/>
  <rect x="${x > 600 ? 90 : 820}" y="80" width="330" height="400" fill="${light}" opacity=".55"/>
  <path d="M${x > 600 ? 255 : 985} 80v400M${x > 600 ? 90 : 820} 280h330" stroke="${wall}" stroke-width="14"/>
  <rect y="600" width="1280" height="120" fill="#000" opacity=".18"/>
  <ellipse cx="${x}" cy="290" rx="150" ry="176" fill="${hair}"/>
  <path d="M${x - 300} 720c0-170 110-220 220-240h160c110 20 220 70 220 240z" fill="${cloth}"/>
  <path d="M${x - 62} 400h124v90q-62 70-124 0z" fill="${skin}"/>
  <ellipse cx="${x}" cy="310" rx="112" ry="142" fill="${skin}"/>
  <path d="M${x - 118} 290q10-150 118-150t118 150q-30-90-118-92t-118 92z" fill="${hair}"/>
  <path d="M${x - 34} 385q34 24 68 0" stroke="#0006" stroke-width="7" fill="none" stroke-linecap="round"/>
</svg>`;
}
