/* SPDX-License-Identifier: Apache-2.0 */
/* Files that have their name only when they are whole, and what is written directly. */
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "check.h"

static char folder[] = "/tmp/ringscope-test-XXXXXX";
static char path[64];

/* Entries of the folder; the name of the last hidden one to `hidden`. */
static int entries(char *hidden) {
  DIR *open = opendir(folder);
  CHECK(open);
  int count = 0;
  for (struct dirent *one; (one = readdir(open));) {
    if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0) continue;
    count++;
    if (hidden && one->d_name[0] == '.') snprintf(hidden, 256, "%s", one->d_name);
  }
  closedir(open);
  return count;
}

static bool has(const char *where, const char *text) {
  char got[256] = "";
  FILE *in = fopen(where, "r");
  if (!in) return false;
  size_t size = fread(got, 1, sizeof got - 1, in);
  fclose(in);
  return size == strlen(text) && memcmp(got, text, size) == 0;
}

static void write_text(rs_output *output, const char *text) {
  size_t done;
  CHECK(rs_output_put(output, text, strlen(text), &done, NULL) == 0);
  CHECK_EQUAL(done, strlen(text));
}

static void make(const char *where, const char *text) {
  FILE *out = fopen(where, "w");
  CHECK(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void a_file_has_its_name_when_it_is_closed_and_an_older_one_stays_until_then(void) {
  rs_output output;
  char hidden[256] = "";
  make(path, "old");
  CHECK(rs_output_open(&output, path, NULL) == 0);
  write_text(&output, "new");
  CHECK_EQUAL(entries(hidden), 2);
  CHECK(strncmp(hidden, ".out.", 5) == 0);
  CHECK(has(path, "old"));
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(has(path, "new"));
  CHECK_EQUAL(entries(NULL), 1);
  CHECK(rs_output_close(&output, NULL) == 0);
  unlink(path);
}

static void what_is_discarded_leaves_nothing(void) {
  rs_output output;
  CHECK(rs_output_open(&output, path, NULL) == 0);
  write_text(&output, "new");
  rs_output_discard(&output);
  rs_output_discard(&output);
  CHECK_EQUAL(entries(NULL), 0);
}

static void a_file_can_have_its_name_and_be_written_on_and_knows_when_it_was_moved_away(void) {
  rs_output output;
  char moved[80];
  snprintf(moved, sizeof moved, "%s.1", path);
  CHECK(rs_output_open(&output, path, NULL) == 0);
  write_text(&output, "one");
  CHECK(!rs_output_was_moved(&output)); /* it has no name yet */
  CHECK(rs_output_publish(&output, NULL) == 0);
  CHECK(has(path, "one") && !rs_output_was_moved(&output));
  write_text(&output, " two");
  CHECK(has(path, "one two"));
  CHECK(rename(path, moved) == 0 && rs_output_was_moved(&output));
  make(path, "another's");
  CHECK(rs_output_was_moved(&output));
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(has(path, "another's") && has(moved, "one two"));
  unlink(path);
  unlink(moved);
}

static void what_was_written_can_be_taken_back(void) {
  rs_output output;
  CHECK(rs_output_open(&output, path, NULL) == 0);
  write_text(&output, "whole half");
  rs_output_trim(&output, 5);
  write_text(&output, "more");
  CHECK_EQUAL(output.size, 9);
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(has(path, "wholemore"));
  unlink(path);
}

static void a_link_stays_a_link_and_the_mode_of_what_is_there_is_kept(void) {
  rs_output output;
  char link[80];
  struct stat is;
  snprintf(link, sizeof link, "%s.link", path);
  make(path, "old");
  CHECK(chmod(path, 0600) == 0 && symlink(path, link) == 0);
  CHECK(rs_output_open(&output, link, NULL) == 0);
  write_text(&output, "new");
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(lstat(link, &is) == 0 && S_ISLNK(is.st_mode));
  CHECK(has(path, "new") && stat(path, &is) == 0 && (is.st_mode & 0777) == 0600);
  unlink(path);
  CHECK(rs_output_open(&output, link, NULL) == 0); /* leads nowhere by now */
  write_text(&output, "through");
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(has(path, "through"));
  unlink(link);
  unlink(path);
}

static void what_is_no_regular_file_is_written_directly(void) {
  rs_output output;
  char got[8];
  CHECK(mkfifo(path, 0600) == 0);
  int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  CHECK(reader >= 0 && rs_output_open(&output, path, NULL) == 0);
  CHECK(!output.regular && !output.hidden);
  write_text(&output, "now");
  CHECK_EQUAL(read(reader, got, sizeof got), 3);
  CHECK(rs_output_publish(&output, NULL) == 0 && !rs_output_was_moved(&output));
  close(reader);
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK_EQUAL(entries(NULL), 1);
  unlink(path);
  CHECK(rs_output_open(&output, "/dev/null", NULL) == 0);
  write_text(&output, "nowhere");
  CHECK(rs_output_close(&output, NULL) == 0);
}

/* Appended to by others, nothing of it can be taken back; else only what is ours. */
static void standard_output_is_not_ours_to_close(void) {
  rs_output output;
  int before = dup(STDOUT_FILENO);
  make(path, "theirs ");
  int target = open(path, O_WRONLY | O_CLOEXEC);
  CHECK(lseek(target, 0, SEEK_END) == 7 && dup2(target, STDOUT_FILENO) == STDOUT_FILENO);
  CHECK(rs_output_open(&output, "-", NULL) == 0);
  write_text(&output, "ours and more");
  rs_output_trim(&output, 4);
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(fcntl(STDOUT_FILENO, F_GETFD) >= 0);
  dup2(before, STDOUT_FILENO);
  close(before);
  close(target);
  CHECK(has(path, "theirs ours"));
  unlink(path);
}

static void what_cannot_be_written_is_named(void) {
  rs_output output;
  rs_error error;
  char nowhere[96];
  snprintf(nowhere, sizeof nowhere, "%s/no/where", folder);
  CHECK(rs_output_open(&output, nowhere, &error) == -ENOENT && strstr(error.text, nowhere));
  CHECK(rs_output_open(&output, folder, &error) == -EISDIR && strstr(error.text, folder));
  CHECK(rs_output_open(&output, "", &error) == -EISDIR || error.text[0]);
  CHECK_EQUAL(entries(NULL), 0);
}

static void a_folder_that_vanished_is_said_at_the_end(void) {
  rs_output output;
  rs_error error;
  char sub[80], inside[96], hidden[400];
  snprintf(sub, sizeof sub, "%s/sub", folder);
  snprintf(inside, sizeof inside, "%s/out", sub);
  CHECK(mkdir(sub, 0700) == 0 && rs_output_open(&output, inside, NULL) == 0);
  snprintf(hidden, sizeof hidden, "%s/%s", sub, output.hidden_name);
  CHECK(unlink(hidden) == 0 && rmdir(sub) == 0);
  write_text(&output, "into the void");
  CHECK(rs_output_close(&output, &error) == -ENOENT);
  CHECK(strstr(error.text, inside) && strstr(error.text, "cannot be given its name"));
}

static void a_folder_that_was_renamed_gets_its_file(void) {
  rs_output output;
  char sub[80], other[80], inside[96];
  snprintf(sub, sizeof sub, "%s/sub", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  snprintf(inside, sizeof inside, "%s/out", sub);
  CHECK(mkdir(sub, 0700) == 0 && rs_output_open(&output, inside, NULL) == 0);
  write_text(&output, "here");
  CHECK(rename(sub, other) == 0 && rs_output_close(&output, NULL) == 0);
  snprintf(inside, sizeof inside, "%s/out", other);
  CHECK(has(inside, "here"));
  unlink(inside);
  rmdir(other);
}

static void the_longest_name_there_can_be_has_a_hidden_one_too(void) {
  rs_output output;
  char longest[300];
  snprintf(longest, sizeof longest, "%s/%0255d", folder, 7);
  CHECK(rs_output_open(&output, longest, NULL) == 0);
  CHECK(rs_output_close(&output, NULL) == 0);
  CHECK(unlink(longest) == 0);
}

int main(void) {
  CHECK(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/out", folder);
  RUN(a_file_has_its_name_when_it_is_closed_and_an_older_one_stays_until_then);
  RUN(what_is_discarded_leaves_nothing);
  RUN(a_file_can_have_its_name_and_be_written_on_and_knows_when_it_was_moved_away);
  RUN(what_was_written_can_be_taken_back);
  RUN(a_link_stays_a_link_and_the_mode_of_what_is_there_is_kept);
  RUN(what_is_no_regular_file_is_written_directly);
  RUN(standard_output_is_not_ours_to_close);
  RUN(what_cannot_be_written_is_named);
  RUN(a_folder_that_vanished_is_said_at_the_end);
  RUN(a_folder_that_was_renamed_gets_its_file);
  RUN(the_longest_name_there_can_be_has_a_hidden_one_too);
  rmdir(folder);
  return 0;
}
