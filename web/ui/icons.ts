// SPDX-License-Identifier: Apache-2.0
// The icons in use, bundled: Web Awesome would fetch its own from a CDN. <wa-icon name="…"> finds them here.
import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import alert from 'lucide-static/icons/triangle-alert.svg?url';
import ban from 'lucide-static/icons/ban.svg?url';
import back from 'lucide-static/icons/arrow-left.svg?url';
import calendar from 'lucide-static/icons/calendar-clock.svg?url';
import camera from 'lucide-static/icons/video.svg?url';
import cameraOff from 'lucide-static/icons/video-off.svg?url';
import check from 'lucide-static/icons/circle-check.svg?url';
import clock from 'lucide-static/icons/clock.svg?url';
import exit from 'lucide-static/icons/log-out.svg?url';
import hangUp from 'lucide-static/icons/phone-off.svg?url';
import info from 'lucide-static/icons/info.svg?url';
import key from 'lucide-static/icons/key-round.svg?url';
import lock from 'lucide-static/icons/lock-keyhole.svg?url';
import microphone from 'lucide-static/icons/mic.svg?url';
import microphoneOff from 'lucide-static/icons/mic-off.svg?url';
import person from 'lucide-static/icons/user-round.svg?url';
import shield from 'lucide-static/icons/shield-check.svg?url';
import signal from 'lucide-static/icons/signal.svg?url';
import speaker from 'lucide-static/icons/volume-2.svg?url';
import type from 'lucide-static/icons/a-large-small.svg?url';

const icons: Record<string, string> = {
  alert, back, ban, calendar, camera, 'camera-off': cameraOff, check, clock, exit, 'hang-up': hangUp, info, key, lock, microphone,
  'microphone-off': microphoneOff, person, shield, signal, speaker, type,
};

registerIconLibrary('default', {
  resolver: (name) => icons[name] ?? '',
  mutator: (svg) => svg.setAttribute('aria-hidden', 'true'),
});
