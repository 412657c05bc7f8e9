/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "src/access/device-key.h"
#include "src/access/kiosks.h"
#include "tests/support/fixture.h"

#define KIOSK_ORIGIN "https://huijian.example"

typedef struct
{
  HjFixture f;
  const char *centre;
  const char *room;
  HjActor *administrator; /* of this centre alone */
  HjActor *nobody;
  EVP_PKEY *key;
} KioskFixture;

void kiosk_set_up (KioskFixture *f, gconstpointer data);
void kiosk_tear_down (KioskFixture *f, gconstpointer data);
char *kiosk_public_key (EVP_PKEY *key);
json_t *kiosk_invite (KioskFixture *f);
json_t *kiosk_enrol_input (const char *token, const char *key);
char *kiosk_fingerprint (EVP_PKEY *key);
json_t *kiosk_approval (const char *kiosk, const char *compared);
char *kiosk_enrol_only (KioskFixture *f);
char *kiosk_enrol (KioskFixture *f);
char *kiosk_sign (EVP_PKEY *key, const guint8 *bytes, gsize size);
GByteArray *kiosk_hello (const char *kiosk, const guint8 *nonce);
HjCaller *kiosk_prove (KioskFixture *f, const char *kiosk, const guint8 *nonce,
    const char *signature, const char *origin);
void kiosk_not_proved (KioskFixture *f, const char *kiosk, const guint8 *nonce,
    const char *signature, const char *origin);
