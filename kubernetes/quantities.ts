const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * A quantity of Kubernetes, such as `500m`, `2Gi` or `1e3`, as a number; undefined where it is none. (The client library has a reader
 * of them too, but does not export it.)
 */
export function quantity(text: string): number | undefined {
  const [, number = "", suffix = ""] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = factors[suffix];
  const value = Number(number);
  // Rounded, since thousandths have no exact binary form: 57m is 0.057.
  return number === "" || factor === undefined || Number.isNaN(value)
    ? undefined
    : Number((value * factor).toPrecision(15));
}
