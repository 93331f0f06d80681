// The settings at which `flagwatch detect` looks at a series of which nothing is known but its values. Each number stands amid a range that
// scores alike on labelled series, not at the edge of one: what generalises is worth more than what scores.
import type { LevelSettings } from './level.ts';

/** The scale is at least this share of the level: smaller changes are no news, however calm the series was. */
const relativeFloor = 0.12;
/** Of whole numbers the scale is at least so many times what chance gives: requests come in clumps. */
const poissonFloor = 3;
/** A series that is 0 throughout has no scale at all: the least positive one keeps z finite. */
const leastScale = 1e-9;

/** Rises and falls of any value; a row is a window. */
export const seriesSettings: LevelSettings = {
  z: 5,
  findsFalls: true,
  // Half a day of minutes, or a month of hours.
  memoryWindows: 720,
  learningWindows: 20,
  floor: (centre, isCount) => {
    const size = Math.abs(centre);
    const chance = isCount ? poissonFloor * Math.max(1, Math.sqrt(size)) : 0;
    return Math.max(relativeFloor * size, chance, leastScale);
  },
  acceptAfterWindows: 240,
  fatigueHalfLifeWindows: 3000,
  habitWindows: 1,
};
