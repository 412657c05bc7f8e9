/* SPDX-License-Identifier: Apache-2.0 */
/* src/store: migrations, every error in terms of what the caller can do, rows as JSON, and the way from control and back. */

#include "src/store/store.h"

#include <glib/gstdio.h>
#include <string.h>

#include "src/base/json.h"
#include "src/base/worker.h"
#include "tests/support/expect-log.h"

typedef struct
{
  char *folder;
  char *path;
  HjStore *store;
} Fixture;

static HjStore *
open_store (const char *path)
{
  g_autoptr (GError) error = NULL;
  HjStore *store = hj_store_open (path, &error);

  g_assert_no_error (error);
  return store;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("hj-store-XXXXXX", &error);
  g_assert_no_error (error);
  f->path = g_build_filename (f->folder, "huijian.db", NULL);
  f->store = open_store (f->path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *wal = g_strconcat (f->path, "-wal", NULL);

  hj_store_close (f->store);
  g_unlink (f->path);
  g_unlink (wal);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static void
run (HjStore *store, const char *sql)
{
  g_autoptr (GError) error = NULL;

  hj_store_run (store, sql, HJ_NO_BINDS, &error);
  g_assert_no_error (error);
}

static void
fails (HjStore *store, const char *sql, HjStoreError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hj_store_run (store, sql, HJ_NO_BINDS, &error));
  g_assert_error (error, HJ_STORE_ERROR, (int)code);
}

static gint64
get_int (HjStore *store, const char *sql)
{
  g_autoptr (GError) error = NULL;
  gint64 value = 0;

  hj_store_query_int (store, sql, HJ_NO_BINDS, &value, &error);
  g_assert_no_error (error);
  return value;
}

static char *
get_json (HjStore *store, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) rows = hj_store_query_json (store, sql, HJ_NO_BINDS, &error);

  g_assert_no_error (error);
  return hj_json_dump (rows);
}

#define TABLES "SELECT COUNT (*) FROM sqlite_master WHERE type = 'table'"
#define ADD_CENTRE(ID, CODE)                                                                       \
  "INSERT INTO centre (id, code, name_zh, name_en) VALUES ('" ID "', '" CODE "', 'x', 'x')"

static void
an_empty_file_gets_every_migration (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (get_int (f->store, "PRAGMA user_version"), >=, 5);
  g_assert_cmpint (get_int (f->store, TABLES), >, 30);
  g_assert_cmpint (get_int (f->store, "PRAGMA synchronous"), ==, 2);
  g_assert_cmpint (get_int (f->store, "PRAGMA foreign_keys"), ==, 1);
  g_assert_cmpint (get_int (f->store, "PRAGMA mmap_size"), ==, 0);
}

static void
opening_again_and_again_changes_nothing (Fixture *f, gconstpointer data)
{
  gint64 version = get_int (f->store, "PRAGMA user_version");
  gint64 tables = get_int (f->store, TABLES);

  run (f->store, ADD_CENTRE ("c", "1"));
  for (int i = 0; i < 2; i++)
    {
      hj_store_close (f->store);
      f->store = open_store (f->path);
      g_assert_cmpint (get_int (f->store, "PRAGMA user_version"), ==, version);
      g_assert_cmpint (get_int (f->store, TABLES), ==, tables);
      g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre"), ==, 1);
    }
}

/* As a database that an older program has left: without what came last. */
static void
an_older_database_is_brought_forward (Fixture *f, gconstpointer data)
{
  gint64 version = get_int (f->store, "PRAGMA user_version");

  run (f->store, ADD_CENTRE ("c", "1"));
  run (f->store, "DROP TRIGGER booking_slot_meets_participation");
  run (f->store, "DROP VIEW lawyer_taken");
  run (f->store, "DROP TABLE booking_participant");
  run (f->store, "PRAGMA user_version = 6");
  hj_store_close (f->store);
  f->store = open_store (f->path);
  g_assert_cmpint (get_int (f->store, "PRAGMA user_version"), ==, version);
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM lawyer_taken"), ==, 0);
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre"), ==, 1);
}

static void
open_refused (Fixture *f, HjStoreError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hj_store_open (f->path, &error));
  g_assert_error (error, HJ_STORE_ERROR, (int)code);
  g_assert_true (g_str_has_prefix (error->message, f->path));
}

static void
a_newer_database_is_left_alone (Fixture *f, gconstpointer data)
{
  run (f->store, "PRAGMA user_version = 999");
  g_clear_pointer (&f->store, hj_store_close);
  open_refused (f, HJ_STORE_ERROR_NEWER);
  open_refused (f, HJ_STORE_ERROR_NEWER);
}

/* A migration that fails half way leaves the older schema whole. */
static void
a_migration_is_done_or_not_at_all (Fixture *f, gconstpointer data)
{
  run (f->store, "PRAGMA user_version = 3");
  run (f->store, "DROP TABLE seat_event");
  g_clear_pointer (&f->store, hj_store_close);
  open_refused (f, HJ_STORE_ERROR_FAILED);
  open_refused (f, HJ_STORE_ERROR_FAILED);
}

static void
one_process_holds_the_database (Fixture *f, gconstpointer data)
{
  open_refused (f, HJ_STORE_ERROR_LOCKED);
  run (f->store, ADD_CENTRE ("c", "1"));
}

static void
what_is_no_database_is_left_alone (Fixture *f, gconstpointer data)
{
  static const char TEXT[] = "This is a letter, and not a database at all. It goes on for a while.";
  g_autofree char *after = NULL;
  gsize size;

  g_clear_pointer (&f->store, hj_store_close);
  g_assert_true (g_file_set_contents (f->path, TEXT, -1, NULL));
  open_refused (f, HJ_STORE_ERROR_FAILED);
  g_assert_true (g_file_get_contents (f->path, &after, &size, NULL));
  g_assert_cmpmem (after, size, TEXT, strlen (TEXT));
}

static void
a_damaged_database_is_seen (Fixture *f, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  gsize size;

  for (int i = 0; i < 200; i++)
    run (f->store, "INSERT INTO audit_entry (at_us, actor, role, act, result, detail)"
                   " VALUES (1, 'a', 'b', 'c', 'done', hex (zeroblob (300)))");
  g_clear_pointer (&f->store, hj_store_close);
  g_assert_true (g_file_get_contents (f->path, &bytes, &size, NULL));
  memset (bytes + size / 2, 0xa5, size / 4);
  g_assert_true (g_file_set_contents (f->path, bytes, (gssize)size, NULL));
  open_refused (f, HJ_STORE_ERROR_FAILED);
}

static void
a_folder_that_is_not_there_is_said (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hj_store_open ("/nowhere/at/all/huijian.db", &error));
  g_assert_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_FAILED);
}

static void
each_refusal_of_the_schema_has_its_code (Fixture *f, gconstpointer data)
{
  run (f->store, ADD_CENTRE ("c", "1"));
  fails (f->store, ADD_CENTRE ("c", "2"), HJ_STORE_ERROR_TAKEN);
  fails (f->store, ADD_CENTRE ("d", "1"), HJ_STORE_ERROR_TAKEN);
  fails (f->store, "INSERT INTO room (id, centre, name_zh, name_en) VALUES ('r', 'x', 'x', 'x')",
      HJ_STORE_ERROR_REFERENCE);
  fails (f->store,
      "INSERT INTO room (id, centre, name_zh, name_en, open) VALUES ('r', 'c', 'x', 'x', 2)",
      HJ_STORE_ERROR_RULE);
  fails (f->store, "INSERT INTO room (id, centre, name_zh, name_en) VALUES ('r', 'c', NULL, 'x')",
      HJ_STORE_ERROR_RULE);
  fails (f->store, "INSERT INTO policy VALUES ('c', 'one', 0, '{}')", HJ_STORE_ERROR_RULE);
}

static void
a_full_disk_writes_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *limit = g_strdup_printf (
      "PRAGMA max_page_count = %" G_GINT64_FORMAT, get_int (f->store, "PRAGMA page_count") + 2);

  run (f->store, limit);
  hj_store_begin (f->store, &error);
  g_assert_no_error (error);
  run (f->store, ADD_CENTRE ("c", "1"));
  fails (f->store,
      "INSERT INTO audit_entry (at_us, actor, role, act, result, detail)"
      " VALUES (1, 'a', 'b', 'c', 'done', hex (zeroblob (100000)))",
      HJ_STORE_ERROR_FULL);
  hj_store_rollback (f->store);
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre"), ==, 0);
}

static void
sql_that_is_wrong_is_our_bug (Fixture *f, gconstpointer data)
{
  hj_expect_log (G_LOG_LEVEL_CRITICAL, "SQL does not prepare*");
  fails (f->store, "SELECT nothing FROM nowhere", HJ_STORE_ERROR_FAILED);
  hj_assert_expected_logs ();
}

static void
a_transaction_is_kept_or_not (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hj_store_begin (f->store, &error));
  run (f->store, ADD_CENTRE ("c", "1"));
  hj_store_rollback (f->store);
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre"), ==, 0);
  hj_store_rollback (f->store);
  g_assert_true (hj_store_begin (f->store, &error));
  run (f->store, ADD_CENTRE ("c", "1"));
  g_assert_true (hj_store_commit (f->store, &error));
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre"), ==, 1);
  g_assert_true (hj_store_begin (f->store, &error));
  g_assert_false (hj_store_begin (f->store, NULL));
  g_assert_true (hj_store_commit (f->store, &error));
  g_assert_no_error (error);
}

static void
a_savepoint_takes_its_own_part_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hj_store_begin (f->store, &error));
  run (f->store, ADD_CENTRE ("a", "1"));
  g_assert_true (hj_store_savepoint (f->store, &error));
  run (f->store, ADD_CENTRE ("b", "2"));
  hj_store_rollback_to_savepoint (f->store);
  g_assert_true (hj_store_savepoint (f->store, &error));
  run (f->store, ADD_CENTRE ("c", "3"));
  g_assert_true (hj_store_release (f->store, &error));
  g_assert_true (hj_store_commit (f->store, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre WHERE id <> 'b'"), ==, 2);
  g_assert_cmpint (get_int (f->store, "SELECT COUNT (*) FROM centre WHERE id = 'b'"), ==, 0);
}

static void
rows_become_nested_objects (Fixture *f, gconstpointer data)
{
  g_autofree char *rows = get_json (f->store,
      "SELECT 'x' AS \"id\", 1 AS \"open?\", 0 AS \"review?\", NULL AS \"none?\", 7 AS \"n\","
      " 'r' AS \"room.id\", '一' AS \"room.name.zh\", NULL AS \"lawyer.id\", 'y' AS "
      "\"lawyer.name\"");

  g_assert_cmpstr (rows, ==,
      "[{\"id\":\"x\",\"open\":true,\"review\":false,\"none\":null,\"n\":7,"
      "\"room\":{\"id\":\"r\",\"name\":{\"zh\":\"一\"}},\"lawyer\":null}]");
}

static void
every_kind_of_value_binds (Fixture *f, gconstpointer data)
{
  static const guint8 BYTES[3] = { 0, 255, 7 };
  g_autoptr (GError) error = NULL;
  g_autoptr (HjRows) rows = hj_store_query (f->store, "SELECT :t, :i, :b, :n, :null",
      HJ_BINDS (HJ_TEXT (":t", "'; DROP TABLE centre"), HJ_INT (":i", G_MININT64),
          HJ_BLOB (":b", BYTES, sizeof BYTES), HJ_NULL (":n"), HJ_TEXT (":null", NULL)),
      &error);
  gconstpointer blob;
  gsize size;

  g_assert_true (hj_rows_next (rows, &error));
  g_assert_cmpstr (hj_rows_text (rows, 0), ==, "'; DROP TABLE centre");
  g_assert_cmpint (hj_rows_int (rows, 1), ==, G_MININT64);
  blob = hj_rows_blob (rows, 2, &size);
  g_assert_cmpmem (blob, size, BYTES, sizeof BYTES);
  g_assert_true (hj_rows_is_null (rows, 3));
  g_assert_true (hj_rows_is_null (rows, 4));
  g_assert_false (hj_rows_next (rows, &error));
  g_assert_no_error (error);
}

static void
a_statement_may_run_inside_itself (Fixture *f, gconstpointer data)
{
  static const char EACH[] = "SELECT id FROM centre";
  g_autoptr (GError) error = NULL;
  g_autoptr (HjRows) outer = NULL;
  int pairs = 0;

  run (f->store, ADD_CENTRE ("a", "1"));
  run (f->store, ADD_CENTRE ("b", "2"));
  g_assert_cmpint (hj_store_changes (f->store), ==, 1);
  outer = hj_store_query (f->store, EACH, HJ_NO_BINDS, &error);
  while (hj_rows_next (outer, &error))
    {
      g_autoptr (HjRows) inner = hj_store_query (f->store, EACH, HJ_NO_BINDS, &error);

      while (hj_rows_next (inner, &error))
        pairs++;
    }
  g_assert_no_error (error);
  g_assert_cmpint (pairs, ==, 4);
}

static void
one_row_that_is_not_there_is_not_found (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) one = NULL;
  g_autoptr (GError) number = NULL;
  gint64 value = 5;

  g_assert_null (
      hj_store_query_one (f->store, "SELECT id AS \"id\" FROM centre", HJ_NO_BINDS, &one));
  g_assert_error (one, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
  g_assert_false (
      hj_store_query_int (f->store, "SELECT 1 FROM centre", HJ_NO_BINDS, &value, &number));
  g_assert_error (number, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpint (value, ==, 5);
}

static void
the_record_is_neither_changed_nor_shortened (Fixture *f, gconstpointer data)
{
  run (f->store, "INSERT INTO audit_entry (at_us, actor, role, act, result)"
                 " VALUES (1, 'a', 'b', 'c', 'done')");
  fails (f->store, "UPDATE audit_entry SET actor = 'x'", HJ_STORE_ERROR_RULE);
  fails (f->store, "DELETE FROM audit_entry", HJ_STORE_ERROR_RULE);
  g_assert_cmpint (
      get_int (f->store, "SELECT COUNT (*) FROM audit_entry WHERE actor = 'a'"), ==, 1);
}

static gpointer
on_worker_add (HjStore *store, gpointer input, GError **error)
{
  g_assert_true (hj_worker_is_current (hj_store_get_worker (store)));
  return hj_store_run (store, input, HJ_NO_BINDS, error) ? g_strdup ("added") : NULL;
}

typedef struct
{
  int answers;
  char *result;
  GError *error;
} Home;

static void
came_home (GObject *source, GAsyncResult *result, gpointer data)
{
  Home *home = data;

  g_clear_error (&home->error);
  g_free (home->result);
  home->result = hj_store_call_finish (result, &home->error);
  home->answers++;
}

static void
calls_go_out_and_come_home_in_order (Fixture *f, gconstpointer data)
{
  Home first = { 0 };
  Home second = { 0 };

  hj_store_call_async (
      f->store, on_worker_add, g_strdup (ADD_CENTRE ("a", "1")), g_free, g_free, came_home, &first);
  hj_store_call_async (f->store, on_worker_add, g_strdup (ADD_CENTRE ("a", "1")), g_free, g_free,
      came_home, &second);
  g_assert_cmpint (first.answers, ==, 0);
  hj_store_drain (f->store);
  g_assert_cmpint (first.answers, ==, 1);
  g_assert_cmpstr (first.result, ==, "added");
  g_assert_cmpint (second.answers, ==, 1);
  g_assert_error (second.error, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN);
  g_assert_null (second.result);
  g_clear_error (&second.error);
  g_free (first.result);
}

#define FIXTURE(NAME, TEST) g_test_add ("/store/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("an empty file gets every migration", an_empty_file_gets_every_migration);
  FIXTURE ("opening again and again changes nothing", opening_again_and_again_changes_nothing);
  FIXTURE ("an older database is brought forward", an_older_database_is_brought_forward);
  FIXTURE ("a newer database is left alone", a_newer_database_is_left_alone);
  FIXTURE ("a migration is done or not at all", a_migration_is_done_or_not_at_all);
  FIXTURE ("one process holds the database", one_process_holds_the_database);
  FIXTURE ("what is no database is left alone", what_is_no_database_is_left_alone);
  FIXTURE ("a damaged database is seen", a_damaged_database_is_seen);
  FIXTURE ("a folder that is not there is said", a_folder_that_is_not_there_is_said);
  FIXTURE ("each refusal of the schema has its code", each_refusal_of_the_schema_has_its_code);
  FIXTURE ("a full disk writes nothing", a_full_disk_writes_nothing);
  FIXTURE ("SQL that is wrong is our bug", sql_that_is_wrong_is_our_bug);
  FIXTURE ("a transaction is kept or not", a_transaction_is_kept_or_not);
  FIXTURE ("a savepoint takes its own part alone", a_savepoint_takes_its_own_part_alone);
  FIXTURE ("rows become nested objects", rows_become_nested_objects);
  FIXTURE ("every kind of value binds", every_kind_of_value_binds);
  FIXTURE ("a statement may run inside itself", a_statement_may_run_inside_itself);
  FIXTURE ("one row that is not there is not found", one_row_that_is_not_there_is_not_found);
  FIXTURE (
      "the record is neither changed nor shortened", the_record_is_neither_changed_nor_shortened);
  FIXTURE ("calls go out and come home in order", calls_go_out_and_come_home_in_order);
  return g_test_run ();
}
