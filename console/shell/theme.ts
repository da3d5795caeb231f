import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useEffect, useState } from 'react';

/** The appearances: the system's, or one that the user chooses. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const STORAGE_KEY = 'leasehold.appearance';
const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)');

/** The user's choice on this browser; without one, the system's. */
export const savedTheme = (): Theme => {
  const kept = localStorage.getItem(STORAGE_KEY);
  return themes.find((theme) => theme === kept) ?? 'system';
};

export const applyTheme = (theme: Theme) => {
  const dark = theme === 'dark' || (theme === 'system' && systemIsDark().matches);
  applyMode(dark ? Mode.Dark : Mode.Light);
};

/** Returns the theme and a function to choose another. Follows the system while that is the choice. */
export const useTheme = () => {
  const [theme, setTheme] = useState(savedTheme);
  useEffect(() => {
    const apply = () => applyTheme(theme);
    apply();
    const system = systemIsDark();
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [theme]);
  const choose = (chosen: Theme) => {
    localStorage.setItem(STORAGE_KEY, chosen);
    setTheme(chosen);
  };
  return { theme, choose };
};
