// Lids that never break a blink off half shut: whoever moves them is followed, and when another takes over, the blink
// that has begun is finished first.

const CLOSE_S = 0.085; // lids fall in about half the time in which they rise (VanderWerf et al. 2003)
const HOLD_S = 0.05;
const OPEN_S = 0.17;
const OPEN = 0.03; // so little shut is open

export class Lids {
  constructor() {
    this._who = null;
    this._follows = true;
    this._value = 0;
    this._falls = false;
    this._finish = null;
  }

  /**
   * How shut the lids are, 0 to 1.
   * @param {number} now_s
   * @param {*} who moves them now
   * @param {number} value how shut that one wants them
   */
  at(now_s, who, value) {
    if (this._who === null) this._who = who;
    if (who !== this._who) {
      this._who = who;
      if (this._value > OPEN && !this._finish) this._finish = finishFrom(this._value, this._falls, now_s);
      this._follows = false;
    }
    if (this._finish) {
      this._value = shutAt(this._finish, now_s);
      if (this._value > 0) {
        this._follows = false;
        return this._value;
      }
      this._finish = null;
    }
    if (value <= OPEN) this._follows = true; // a blink that began under another is let pass
    const before = this._value;
    this._value = this._follows ? Math.min(1, Math.max(0, value)) : 0;
    this._falls = this._value > before || (this._falls && this._value === before && before < 1);
    return this._value;
  }
}

/** The rest of a blink: shut first, if the lids still fall, and open again. */
function finishFrom(value, falls, now_s) {
  const [close_s, hold_s] = falls ? [(1 - value) * CLOSE_S, HOLD_S] : [0, 0];
  return { from: value, top: falls ? 1 : value, at_s: now_s, close_s, hold_s };
}

function shutAt({ from, top, at_s, close_s, hold_s }, now_s) {
  const gone_s = now_s - at_s;
  if (gone_s < close_s) return from + (top - from) * (gone_s / close_s);
  const rising_s = gone_s - close_s - hold_s;
  if (rising_s <= 0) return top;
  const share = rising_s / (OPEN_S * top);
  return share >= 1 ? 0 : top * (1 - share * share * (3 - 2 * share));
}
