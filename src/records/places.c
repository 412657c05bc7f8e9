/* SPDX-License-Identifier: Apache-2.0 */
/* Importing centres and rooms. On the store's worker. docs/records.md shows a line of each. */

#include "src/records/intake-private.h"

static const char KEEP_CENTRE[]
    = "INSERT INTO centre (id, code, name_zh, name_en, zone) VALUES (:id, :code, :zh, :en, :zone) "
      "ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, zone "
      "= excluded.zone";
static const char KEEP_ROOM[] = "INSERT INTO room (id, centre, name_zh, name_en, open) VALUES "
                                "(:id, :centre, :zh, :en, :open) "
                                "ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, "
                                "name_en = excluded.name_en, open = excluded.open";
static const char FIND_NAMESAKE[]
    = "SELECT 1 FROM room WHERE centre = :centre AND name_zh = :zh AND id <> :id";
static const char FIND_ROOM_CENTRE[] = "SELECT centre FROM room WHERE id = :key";
static const char *const NAME[] = { "zh", "en", NULL };

static void
read_name (HjIntake *in, const char **zh, const char **en)
{
  *zh = NULL;
  *en = NULL;
  if (!hj_intake_enter_object (in, "name"))
    return;
  *zh = hj_intake_text (in, "zh", 200);
  *en = hj_intake_text (in, "en", 200);
  hj_intake_know (in, NAME);
  hj_intake_leave (in);
}

static gboolean
is_zone (const char *name)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (name);

  return zone != NULL;
}

/* The key is the centre's code. */
void
hj_take_centre (HjIntake *in)
{
  static const char *const MEMBERS[] = { "name", "zone", NULL };
  const char *zh;
  const char *en;
  const char *zone = hj_intake_optional_text (in, "zone", 64);

  hj_intake_check (in, "key", in->key, hj_validate_centre_code);
  read_name (in, &zh, &en);
  hj_intake_know (in, MEMBERS);
  if (zone != NULL && !is_zone (zone))
    hj_intake_refuse (in, "unknown-word", "zone");
  if (hj_intake_accept (in))
    hj_intake_run (in, KEEP_CENTRE,
        HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":code", in->key), HJ_TEXT (":zh", zh),
            HJ_TEXT (":en", en), HJ_TEXT (":zone", zone != NULL ? zone : "Asia/Shanghai")));
}

static gboolean
name_is_taken (HjIntake *in, const char *centre, const char *zh)
{
  g_autoptr (HjRows) rows = NULL;

  if (centre == NULL || zh == NULL || in->failure != NULL)
    return FALSE;
  rows = hj_store_query (in->store, FIND_NAMESAKE,
      HJ_BINDS (HJ_TEXT (":centre", centre), HJ_TEXT (":zh", zh), HJ_TEXT (":id", in->id)),
      &in->failure);
  return rows != NULL && hj_rows_next (rows, &in->failure);
}

void
hj_take_room (HjIntake *in)
{
  static const char *const MEMBERS[] = { "centre", "name", "open", NULL };
  const char *centre = hj_intake_reference (in, "centre", HJ_FIND_CENTRE);
  gboolean open = hj_intake_boolean (in, "open", TRUE);
  const char *zh;
  const char *en;

  read_name (in, &zh, &en);
  hj_intake_know (in, MEMBERS);
  if (name_is_taken (in, centre, zh))
    hj_intake_refuse (in, "taken", "name.zh");
  if (!in->is_new && centre != NULL
      && g_strcmp0 (hj_intake_find (in, FIND_ROOM_CENTRE, in->id), centre) != 0)
    hj_intake_refuse (in, "fixed", "centre");
  if (hj_intake_accept (in))
    hj_intake_run (in, KEEP_ROOM,
        HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":centre", centre), HJ_TEXT (":zh", zh),
            HJ_TEXT (":en", en), HJ_INT (":open", open)));
}
