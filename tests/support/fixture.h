/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"
#include "src/base/json.h"
#include "src/base/time.h"

G_BEGIN_DECLS

/* Monday 2 March 2026, 09:00 in Asia/Shanghai. */
#define HJ_FIXTURE_NOW_US (G_GINT64_CONSTANT (1772413200) * HJ_SECOND_US)

/* An empty store in memory, a time that stands still, and acts. Embed it as the first member of a larger fixture, or use it
 * as it is: g_test_add ("/x", HjFixture, NULL, hj_fixture_set_up, test, hj_fixture_tear_down). Ids that are returned belong
 * to the fixture. Everything that fails aborts the test. */
typedef struct
{
  HjTime *time;
  HjStore *store;
  HjActs *acts;
  GStringChunk *texts;
  GPtrArray *actors;
  int n; /* makes codes and names unique */
} HjFixture;

void hj_fixture_set_up (HjFixture *f, gconstpointer data);
void hj_fixture_tear_down (HjFixture *f, gconstpointer data);
void hj_fixture_advance (HjFixture *f, gint64 span_us);

const char *hj_fixture_centre (HjFixture *f);
void hj_fixture_policy (HjFixture *f, const char *centre, const char *document);
const char *hj_fixture_room (HjFixture *f, const char *centre);
const char *hj_fixture_kiosk (HjFixture *f, const char *room, gboolean online);
const char *hj_fixture_device (HjFixture *f, const char *account);
const char *hj_fixture_lawyer (HjFixture *f);
const char *hj_fixture_detainee (HjFixture *f, const char *centre);
const char *hj_fixture_authority (HjFixture *f, const char *lawyer, const char *detainee);
const char *hj_fixture_booking (
    HjFixture *f, const char *authority, const char *room, gint64 starts_at_us, const char *state);
const char *hj_fixture_account (
    HjFixture *f, HjRole role, const char *lawyer, const char *centre, const char *name);
HjActor *hj_fixture_actor (HjFixture *f, HjRole role, const char *lawyer, const char *centre);

void hj_fixture_sql (HjFixture *f, const char *sql, const char *id);
gint64 hj_fixture_count (HjFixture *f, const char *sql, const char *id);
const char *hj_fixture_text (HjFixture *f, const char *sql, const char *id);

json_t *hj_fixture_act (HjFixture *f, const HjActKind *kind, const HjActor *actor,
    json_t *input) G_GNUC_WARN_UNUSED_RESULT;
void hj_fixture_refused (
    HjFixture *f, const HjActKind *kind, const HjActor *actor, json_t *input, HjRefusal refusal);
gint64 hj_fixture_entries (HjFixture *f, const char *act, const char *result);

G_END_DECLS
