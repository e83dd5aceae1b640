import { describe, expect, it } from 'vitest';
import { distanceKm, ease, type Place } from '../../../lib/core/demo/geography.ts';

const place = (code: string, latitude: number, longitude: number, more: Partial<Place> = {}): Place => ({
  code,
  iso2: code.slice(0, 2),
  baciCode: 1,
  name: code,
  latitude,
  longitude,
  borders: [],
  languages: [],
  region: '',
  ...more,
});

describe('distanceKm', () => {
  it('is a quarter of a great circle from the equator to the pole, and half of one to the antipode', () => {
    const quarter = (Math.PI / 2) * 6371;
    expect(distanceKm(place('AAA', 0, 12), place('BBB', 90, -40))).toBeCloseTo(quarter, 6);
    expect(distanceKm(place('AAA', 0, 0), place('BBB', 0, 180))).toBeCloseTo(2 * quarter, 6);
  });

  it('never falls below 100 km', () => {
    expect(distanceKm(place('AAA', 10, 10), place('BBB', 10, 10.1))).toBe(100);
  });
});

describe('ease', () => {
  const friction = { distance: -2, border: 0.5, language: 0.25, history: 0 };
  const places = [
    place('AAA', 0, 0, { borders: ['BBB'], languages: ['eng', 'fra'] }),
    place('BBB', 0, 10, { languages: ['fra'] }),
    place('CCC', 0, 20, { languages: ['deu'] }),
  ];
  const { data } = ease(places, friction, 1);
  const tenDegrees = (10 * Math.PI * 6371) / 180;

  it('multiplies the power of distance with border and language, each counted once', () => {
    expect(data[0 * 3 + 1]).toBeCloseTo((tenDegrees / 1000) ** -2 * Math.exp(0.75), 12);
    expect(data[1 * 3 + 0]).toBeCloseTo(data[0 * 3 + 1]!, 12);
    expect(data[0 * 3 + 2]).toBeCloseTo((tenDegrees / 500) ** -2, 12);
  });

  it('is zero at home', () => {
    expect([data[0], data[4], data[8]]).toEqual([0, 0, 0]);
  });

  it('gives each direction of a pair its own history, of the planted spread', () => {
    const many = Array.from({ length: 60 }, (_, n) => place(`P${n}`, 0, n));
    const plain = ease(many, { ...friction, history: 0 }, 3).data;
    const lived = ease(many, { ...friction, history: 0.5 }, 3).data;
    const logs = [...lived].flatMap((value, at) => (value > 0 ? [Math.log(value / plain[at]!)] : []));
    const variance = logs.reduce((sum, log) => sum + log * log, 0) / logs.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.5, 1);
    expect(lived[1]).not.toBeCloseTo(lived[60]!, 6);
  });
});
