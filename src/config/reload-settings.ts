// Settings of the change of rules while they run.
import { z } from 'zod';
import { durationField } from './fields.ts';

/** `rules_reload:`. */
export const rulesReloadSettings = z.strictObject({
  interval: durationField(
    {
      description:
        'How often the files of the rules are looked at. A change is loaded when it has stood still between two looks; SIGHUP loads at once.',
      reason: 'a rule is in force some seconds after it was saved; a look is a few file system calls.',
    },
    { atLeast: '100ms', atMost: '1h' },
  ).prefault('2s'),
  settle: durationField(
    {
      description:
        'With several processes: files that differ from the rules in force, and were loaded before these came, are taken for old ones for this long.',
      reason: 'a ConfigMap reaches each machine at its own time, within a minute or two.',
    },
    { atLeast: '0', atMost: '1h' },
  ).prefault('3m'),
});
