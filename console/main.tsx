import { applyDensity, Density } from '@cloudscape-design/global-styles';
import '@cloudscape-design/global-styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import { applyTheme, savedTheme } from './shell/theme.ts';
import './main.css';

// Before the first paint: a dark page must not flash up bright.
applyTheme(savedTheme());
// Large targets for fingers, more rows on a desk.
applyDensity(matchMedia('(pointer: coarse)').matches ? Density.Comfortable : Density.Compact);
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
