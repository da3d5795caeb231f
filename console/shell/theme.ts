import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useEffect, useState } from 'react';

/** How the page looks: as the system does, or as the user chose. */
export const appearances = ['system', 'light', 'dark'] as const;
export type Appearance = (typeof appearances)[number];

const KEPT_AS = 'leasehold.appearance';
const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)');

/** The user's choice on this browser; without one, the system's. */
export const rememberedAppearance = (): Appearance => {
  const kept = localStorage.getItem(KEPT_AS);
  return appearances.find((appearance) => appearance === kept) ?? 'system';
};

export const applyAppearance = (appearance: Appearance) => {
  const dark = appearance === 'dark' || (appearance === 'system' && systemIsDark().matches);
  applyMode(dark ? Mode.Dark : Mode.Light);
};

/** The appearance, and how to choose another; it follows the system while that is the choice. */
export const useAppearance = () => {
  const [appearance, setAppearance] = useState(rememberedAppearance);
  useEffect(() => {
    const apply = () => applyAppearance(appearance);
    apply();
    const system = systemIsDark();
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [appearance]);
  const choose = (chosen: Appearance) => {
    localStorage.setItem(KEPT_AS, chosen);
    setAppearance(chosen);
  };
  return { appearance, choose };
};
