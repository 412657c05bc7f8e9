/* SPDX-License-Identifier: Apache-2.0 */
/* src/audit/log.c: entries are appended whole, found again by their booking, and never change. */

#include "src/audit/log.h"

#include "src/base/json.h"
#include "src/store/store.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

static void
append (HjFixture *f, const HjAuditEntry *entry)
{
  g_autoptr (GError) error = NULL;

  hj_audit_append (f->store, entry, &error);
  g_assert_no_error (error);
}

static void
an_entry_is_kept_whole (HjFixture *f, gconstpointer data)
{
  g_autoptr (json_t) detail = json_pack ("{s:i}", "number", 7);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) entries = NULL;
  g_autofree char *text = NULL;

  append (f, &(HjAuditEntry){ .at_us = 5,
                 .actor = "account-1",
                 .role = "lawyer",
                 .act = "join",
                 .object = "meeting:m",
                 .booking = "b",
                 .refusal = "not-eligible",
                 .detail = detail });
  entries = hj_audit_list (f->store, 100, 10, NULL, NULL, &error);
  g_assert_no_error (error);
  text = hj_json_dump (entries);
  g_assert_cmpstr (text, ==,
      "[{\"seq\":1,\"at_us\":5,\"actor\":\"account-1\",\"role\":\"lawyer\",\"act\":\"join\","
      "\"object\":\"meeting:m\",\"booking\":\"b\",\"result\":\"refused\",\"reason\":\"not-"
      "eligible\"}]");
}

static void
the_record_of_a_booking_is_in_order (HjFixture *f, gconstpointer data)
{
  static const char *const ACTS[] = { "book", "check-in", "join", "admit", "end" };
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (ACTS); i++)
    {
      append (f, &(HjAuditEntry){
                     .at_us = 9, .actor = "a", .role = "lawyer", .act = ACTS[i], .booking = "b" });
      append (f, &(HjAuditEntry){ .at_us = 9,
                     .actor = "a",
                     .role = "lawyer",
                     .act = "me",
                     .booking = i % 2 == 0 ? "another" : NULL });
    }
  record = hj_audit_list_booking (f->store, "b", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_size (record), ==, G_N_ELEMENTS (ACTS));
  for (gsize i = 0; i < G_N_ELEMENTS (ACTS); i++)
    {
      const json_t *entry = json_array_get (record, i);

      g_assert_cmpstr (json_string_value (json_object_get (entry, "act")), ==, ACTS[i]);
      g_assert_cmpstr (json_string_value (json_object_get (entry, "result")), ==, "done");
    }
}

static void
an_entry_goes_with_its_transaction (HjFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hj_store_begin (f->store, &error);
  g_assert_no_error (error);
  append (f, &(HjAuditEntry){ .at_us = 1, .actor = "a", .role = "lawyer", .act = "book" });
  hj_store_rollback (f->store);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM audit_entry", NULL), ==, 0);
}

static void
an_entry_without_its_actor_is_none (HjFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const HjAuditEntry entry = { .at_us = 1, .role = "lawyer", .act = "book" };

  g_assert_false (hj_audit_append (f->store, &entry, &error));
  g_assert_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE);
}

static void
refused (HjFixture *f, const char *sql)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hj_store_run (f->store, sql, HJ_NO_BINDS, &error));
  g_assert_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE);
}

static void
an_entry_never_changes (HjFixture *f, gconstpointer data)
{
  static const char *const COLUMNS[] = { "seq", "at_us", "actor", "role", "act", "object",
    "booking", "result", "reason", "detail" };

  append (f, &(HjAuditEntry){ .at_us = 1, .actor = "a", .role = "lawyer", .act = "book" });
  for (gsize i = 0; i < G_N_ELEMENTS (COLUMNS); i++)
    {
      g_autofree char *sql
          = g_strdup_printf ("UPDATE audit_entry SET %s = %s", COLUMNS[i], COLUMNS[i]);

      refused (f, sql);
    }
  refused (f, "DELETE FROM audit_entry WHERE seq = 1");
  refused (f, "INSERT INTO audit_entry (at_us, actor, role, act, result)"
              " VALUES (1, 'a', 'lawyer', 'book', 'perhaps')");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM audit_entry", NULL), ==, 1);
}

/* "INSERT OR REPLACE" removes a row without asking its triggers unless recursive triggers are on. */
static void
an_entry_is_never_replaced (HjFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  append (f, &(HjAuditEntry){ .at_us = 1, .actor = "a", .role = "lawyer", .act = "book" });
  hj_store_run (f->store,
      "INSERT OR REPLACE INTO audit_entry (seq, at_us, actor, role, act, result)"
      " VALUES (1, 2, 'x', 'lawyer', 'book', 'done')",
      HJ_NO_BINDS, &error);
  g_assert_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE);
  g_assert_cmpstr (hj_fixture_text (f, "SELECT actor FROM audit_entry", NULL), ==, "a");
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/audit/log/" NAME, HjFixture, NULL, hj_fixture_set_up, TEST, hj_fixture_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("an entry is kept whole", an_entry_is_kept_whole);
  FIXTURE ("the record of a booking is in order", the_record_of_a_booking_is_in_order);
  FIXTURE ("an entry goes with its transaction", an_entry_goes_with_its_transaction);
  FIXTURE ("an entry without its actor is none", an_entry_without_its_actor_is_none);
  FIXTURE ("an entry never changes", an_entry_never_changes);
  FIXTURE ("an entry is never replaced", an_entry_is_never_replaced);
  return g_test_run ();
}
