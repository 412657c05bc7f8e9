// SPDX-License-Identifier: Apache-2.0
// Two builds: the pages behind nginx (one html per role), and the kiosk's page, which its agent serves by itself.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const web = import.meta.dirname;
const pages = ['index.html', 'lawyer/index.html', 'desk/index.html', 'admin/index.html', 'supervisor/index.html', 'how/index.html'];

const shared = {
  target: ['chrome100', 'firefox115', 'safari15.4'],
  emptyOutDir: true,
  modulePreload: { polyfill: false },
  sourcemap: false,
};

export default defineConfig(({ mode }) =>
  mode === 'kiosk'
    ? {
        root: resolve(web, 'kiosk'),
        base: './',
        publicDir: false,
        build: { ...shared, outDir: resolve(web, '../build/kiosk-page') },
      }
    : {
        root: web,
        publicDir: resolve(web, 'public'),
        build: {
          ...shared,
          outDir: resolve(web, '../build/web'),
          rollupOptions: { input: pages.map((page) => resolve(web, page)).filter((page) => existsSync(page)) },
        },
      },
);
