import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * Moves the fonts of Cloudscape's style sheet, which are `data:` URLs, into files. A browser then loads only the fonts that it
 * shows, caches them, and the page's policy needs no exception.
 */
const fontsApart: Plugin = {
  name: 'fonts-apart',
  generateBundle(_, bundle) {
    for (const asset of Object.values(bundle)) {
      if (asset.type !== 'asset' || !asset.fileName.endsWith('.css')) continue;
      asset.source = String(asset.source).replace(
        /data:font\/woff2;base64,([A-Za-z0-9+/=]+)/g,
        (_, encoded: string) => {
          const source = Buffer.from(encoded, 'base64');
          const fileName = `font-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.woff2`;
          this.emitFile({ type: 'asset', fileName: `assets/${fileName}`, source });
          return `./${fileName}`;
        },
      );
    }
  },
};

/** The build of the page. infra/console-build.ts names the output directory. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), fontsApart],
  build: {
    target: 'es2024',
    // Everything is a file of its own: the page's policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
    emptyOutDir: true,
  },
});
