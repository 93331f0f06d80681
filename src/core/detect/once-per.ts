// Settings that detectors derive from those of their rule: thousands of series have the same, and share one object.

/** `derive`, worked out once for each settings object. */
export function oncePer<Settings extends object, Derived>(
  derive: (settings: Settings) => Derived,
): (settings: Settings) => Derived {
  const known = new WeakMap<Settings, Derived>();
  return (settings) => {
    const before = known.get(settings);
    if (before !== undefined) return before;
    const derived = derive(settings);
    known.set(settings, derived);
    return derived;
  };
}
