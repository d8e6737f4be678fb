import type { Case } from './conformance.js';

const script = (text: string): Case => ({ script: text });

/** One point of psql's behaviour each; psql itself says what is right. */
export const cases: Readonly<Record<string, Case>> = {
  'nothing in the script': script(''),
  'a lone semicolon': script(';\n'),
  'several statements on a line': script(
    'create table a (n int); insert into a values (1); insert into a values (2);\n',
  ),
  'a statement over several lines, with blank lines in it': script('create table a (\n\n  n int\n\n);\n'),
  'the last statement has no semicolon': script('create table a (n int)'),
  'a comment alone at the end': script('/* nothing */'),
  'a line comment alone at the end': script('-- nothing'),
  'an unterminated quote at the end': script("create table a (n int);\ninsert into a values ('x\n"),
  'an unclosed parenthesis swallows the rest': script('create table a (n int;\ncreate table b (n int);\n'),
  'carriage returns before newlines': script(
    'create table a (n int);\r\n\\echo one two\r\ninsert into a values (1);\r\n',
  ),
  'a byte order mark': script('\ufeffcreate table a (n int);\n'),
  'nested comments hold semicolons': script('create table a (n /* ; /* ; */ ; */ int);\n'),
  'dollar quotes hold everything': script(
    "create function f() returns text language sql as $a$ select ';$b$\\echo :x' $a$;\n",
  ),
  'a rule with semicolons in parentheses': script(
    'create table a (n int); create table b (n int);\ncreate rule r as on insert to a do also (insert into b values (new.n); insert into b values (0););\ninsert into a values (5);\n',
  ),
  'a routine with a body in SQL': script(
    'create function f() returns int begin atomic select 1; select case when true then 2 end; end;\ncreate table a as select f() n;\n',
  ),
  'an error goes on with the next statement': script('select nope;\ncreate table a (n int);\n'),
  'an error position in the middle of a long line': script(
    `select 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', nope, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';\n`,
  ),
  'an error behind wide characters': script("select '日本語テキスト', nope;\n"),
  'an error in a function': script(
    'create function f() returns void language plpgsql as $$ begin perform 1/0; end $$;\nselect f();\n',
  ),
  'a constraint violation has details': script('create table a (n int primary key);\ninsert into a values (1), (1);\n'),
  'a notice and a warning': script(
    "do $$ begin raise notice 'one'; raise warning 'two' using hint = 'h', detail = 'd'; end $$;\n",
  ),
  'ON_ERROR_STOP ends the file with 3': script('\\set ON_ERROR_STOP on\nselect nope;\ncreate table a (n int);\n'),
  'ON_ERROR_STOP given as an option': {
    script: 'select nope;\ncreate table a (n int);\n',
    args: ['-v', 'ON_ERROR_STOP=1', '-f', 's.sql'],
  },
  'ON_ERROR_STOP counts from the next line on': script(
    '\\set ON_ERROR_STOP on \\\\ select nope; select 1 as n \\gset\n\\echo :n\n',
  ),
  'ON_ERROR_STOP keeps the rest of the line from running': script(
    '\\set ON_ERROR_STOP on\nselect nope; create table a (n int);\n',
  ),
  'a statement string of several': script(
    'create table a (n int)\\; insert into a values (1)\\; insert into a values (2);\n',
  ),
  'a failure in a string of several': script('create table a (n int)\\; select 1/0\\; create table b (n int);\n'),
  'a variable is lexed as if it stood there': script(
    "\\set v 'create table a (n int); insert into'\n:v a values (1);\n",
  ),
  'a variable with a quote in it': script("\\set v 'it''s'\ncreate table a as select :'v' as v, 1 as :\"v\";\n"),
  'a variable with a backslash in it': script("\\set v 'a\\\\b'\ncreate table a as select:'v' as v;\n"),
  'an unset variable is left alone': script('select :nope;\n'),
  'a variable that expands itself': script("\\set x ':x + 1'\nselect :x;\n"),
  'casts and slices are no variables': script(
    "\\set b 2\ncreate table a as select '1'::int n, (array[1,2,3])[1:b] s;\n",
  ),
  'a test for a variable': script('\\set x\ncreate table a as select :{?x} x, :{?y} y;\n'),
  'set prints, unset forgets': script('\\set a 1 2 3\n\\echo :a\n\\unset a\n\\echo :a\n'),
  'a bad variable name': script('\\set a-b 1\n\\set ON_ERROR_STOP 1\n\\set a-b 1\n\\echo no\n'),
  'a bad value for a control variable': script(
    '\\set AUTOCOMMIT maybe\n\\set ECHO maybe\n\\set FETCH_COUNT x\n\\echo :AUTOCOMMIT\n',
  ),
  'echo in all its forms': script(
    "\\echo a  b 'c  d' \"e f\" :x\n\\echo -n a\n\\echo\n\\echo '-n' b\n\\qecho q\n\\warn w\n",
  ),
  backticks: script("\\set x `echo '  hi '; echo there`\n\\echo <:x>\n\\set y `exit 3`\n\\echo <:y>\n"),
  'a shell command': script('\\! echo hi; exit 3\n\\echo after\n'),
  'the environment': {
    script:
      '\\getenv a HERE\n\\echo :a\n\\setenv HERE there\n\\! echo $HERE\n\\setenv HERE\n\\getenv a HERE\n\\echo :a\n\\setenv a=b c\n',
    env: { HERE: 'here' },
  },
  'an unknown command': script('\\nope and more \\echo not this\n\\echo this\n'),
  'an extra argument': script('\\unset a b c\n'),
  'several commands on a line': script('\\echo a \\echo b\n\\set x 1 \\\\ create table a as select :x n;\n'),
  'an unterminated quote in an argument': script("\\set m 'a\n\\echo <:m>\n"),
  'a command in the middle of a statement': script('create table\n\\echo mid\na (n int);\n'),
  'if, elif, else': script(
    '\\if no\n\\echo 1\n\\elif yes\n\\echo 2\n\\else\n\\echo 3\n\\endif\n\\if 0\n\\echo a\n\\else\n\\echo b\n\\endif\n',
  ),
  'nested ifs, the outer one skipped': script(
    '\\if false\n\\if true\n\\echo no\n\\else\n\\echo no\n\\endif\n\\nope\n\\else\n\\echo yes\n\\endif\n',
  ),
  'a bad condition is no failure': script(
    '\\set ON_ERROR_STOP 1\n\\if maybe\n\\echo no\n\\endif\n\\if\n\\endif\n\\echo yes\n',
  ),
  'stray elif, else and endif': script('\\elif 1\n\\else\n\\endif\n\\if 1\n\\else\n\\else\n\\elif 1\n\\endif\n'),
  'an if left open': script('\\if true\ncreate table a (n int);\n'),
  'an if left open, with ON_ERROR_STOP': script('\\set ON_ERROR_STOP 1\n\\if true\ncreate table a (n int);\n'),
  'a statement across an if': script(
    'create table a as select\n\\if true\n1 as n,\n\\else\n2 as n,\n\\endif\n3 as m;\n',
  ),
  'an unclosed quote in a skipped branch hides endif': script(
    "\\if false\nselect 'a\n\\endif\n';\n\\endif\n\\echo end\n",
  ),
  'parentheses in a skipped branch': script('\\if false\nselect (((\n\\endif\ncreate table a (n int);\n'),
  'quit ends the file, not its includer': {
    script: '\\i b.sql\n\\echo after\n',
    files: { 'b.sql': '\\echo in b\n\\q\n\\echo no\n' },
  },
  'quit in the middle of a statement': script('create table\n\\q\na (n int);\n'),
  'includes, relative ones too': {
    script: '\\i d/b.sql\n\\i missing.sql\n\\echo end\n',
    files: { 'd/b.sql': '\\ir c.sql\nselect nope;\n', 'd/c.sql': '\\echo c\nselect nope;\n' },
  },
  'a missing include with ON_ERROR_STOP': script('\\set ON_ERROR_STOP 1\n\\i missing.sql\n\\echo no\n'),
  'a failure in an include with ON_ERROR_STOP': {
    script: '\\set ON_ERROR_STOP 1\n\\i b.sql\n\\echo no\n',
    files: { 'b.sql': 'select 1/0;\n' },
  },
  'an include cannot close an if': { script: '\\if true\n\\i b.sql\n\\endif\n', files: { 'b.sql': '\\endif\n' } },
  'an include has a query buffer of its own': {
    script: 'create table a\n\\i b.sql\n(n int);\n',
    files: { 'b.sql': 'create table b (n int)' },
  },
  'include without a name': script('\\i\n'),
  'include of a name with a semicolon': { script: '\\i b.sql;\n', files: { 'b.sql': '\\echo b\n' } },
  'a missing script': { args: ['-f', 'missing.sql'] },
  'a missing script after another': { script: '\\echo a\n', args: ['-f', 's.sql', '-f', 'missing.sql'] },
  'a directory for a script': { args: ['-f', '.'] },
  'a dump in custom format': script('PGDMP nonsense\n'),
  gset: script("select 1 as a, null as b, 'x' as c \\gset p_\n\\echo :p_a :p_b :p_c\n"),
  'gset of no row and of several': script(
    'select 1 as a where false \\gset\nselect generate_series(1,2) as a \\gset\n',
  ),
  'gset into a control variable': script('select 1 as "AUTOCOMMIT", 2 as n \\gset\n\\echo :n\n'),
  'gset into a bad name': script('select 1 as "a b" \\gset\n'),
  'gset of something without rows': script('create table a (n int) \\gset\n'),
  gexec: script(
    "select format('create table t%s (n int)', i), null, format('insert into t%s values (1)', i) from generate_series(1,2) i \\gexec\n",
  ),
  'gexec goes on after a failure': script(
    "select unnest(array['create table a (n int)', 'select nope', 'create table b (n int)']) \\gexec\n",
  ),
  'gexec stops at a failure with ON_ERROR_STOP': script(
    "\\set ON_ERROR_STOP 1\nselect unnest(array['create table a (n int)', 'select nope', 'create table b (n int)']) \\gexec\n",
  ),
  'gexec of cells that hold psql syntax': script(
    "\\set v 1\nselect unnest(array['select :v', '\\echo hi', 'create table a (n int); create table b (n int)']) \\gexec\n",
  ),
  'gexec of COPY reads the script': script(
    "create table a (n int);\nselect 'copy a from stdin' \\gexec\n1\n2\n\\.\n\\echo end\n",
  ),
  'g sends the previous query again': script('create table a (n int);\ninsert into a values (1) \\g\n\\g\n'),
  'reset and print': script('select 1\n\\p\n\\r\n\\p\ncreate table a (n int);\n\\p\n'),
  'copy from stdin': script('create table a (n int, t text);\ncopy a from stdin;\n1\tone\n2\t\\N\n\\.\n\\echo after\n'),
  'copy from stdin to the end of the file': script('create table a (n int);\ncopy a from stdin;\n1\n2'),
  'copy from stdin with a statement behind it on the line': script(
    'create table a (n int);\ncopy a from stdin; insert into a values (3);\n1\n2\n\\.\n',
  ),
  'copy data that look like commands': script(
    'create table a (t text);\ncopy a from stdin;\n:x\n\\\\echo\n\n--no\n x\\\\.\n\\.\n\\echo end\n',
  ),
  'copy data with a carriage return': script(
    'create table a (n int);\ncopy a from stdin;\r\n1\r\n2\r\n\\.\r\n\\echo end\r\n',
  ),
  'an error in copy data': script('create table a (n int);\ncopy a from stdin;\n1\nx\n3\n\\.\n\\echo end\n'),
  'two copies in one string': script(
    'create table a (n int);\ncopy a from stdin\\; copy a from stdin;\n1\n\\.\n2\n\\.\n\\echo end\n',
  ),
  'copy to stdout': script('copy (select generate_series(1,3)) to stdout;\ncopy (values (1,null)) to stdout csv;\n'),
  'copy to stdout in a string of several': script('copy (select 1) to stdout\\; copy (select 2) to stdout;\n'),
  'backslash-copy with files': {
    script:
      "create table a (n int, t text);\n\\copy a from 'in.csv' csv\n\\copy a (n) from 'in.txt'\n\\copy (select n from a order by n) to 'out.txt'\n\\! cat out.txt\n\\copy a to stdout\n",
    files: { 'in.csv': '1,one\n2,two\n', 'in.txt': '3\n4\n' },
  },
  'backslash-copy from the script': script('create table a (n int);\n\\copy a from stdin\n1\n2\n\\.\n\\echo end\n'),
  'backslash-copy with programs': script(
    "create table a (n int);\n\\copy a from program 'echo 1; echo 2'\n\\copy a to program 'cat >&2'\n\\copy a from program 'echo 3; exit 3'\n\\copy a to program 'cat >/dev/null; exit 4'\n",
  ),
  'backslash-copy that cannot work': script(
    "create table a (n int);\n\\copy a from 'missing'\n\\copy a from .\n\\copy\n\\copy a\n\\copy a from\n\\copy a sideways 'x'\n\\copy nope from 'missing'\n\\copy nope to stdout\n",
  ),
  'restrict and unrestrict': script(
    '\\restrict key\ncreate table a (n int);\n\\echo no\n\\unrestrict other\n\\unrestrict key\n\\echo yes\n\\unrestrict key\n\\restrict\n',
  ),
  'autocommit off': script('\\set AUTOCOMMIT off\ncreate table a (n int);\ncommit;\ncreate table b (n int);\n'),
  'autocommit off and what may not be in a block': script(
    '\\set AUTOCOMMIT off\nvacuum;\ncreate table a (n int);\nrollback;\n',
  ),
  on_error_rollback: script(
    '\\set ON_ERROR_ROLLBACK on\nbegin;\ncreate table a (n int);\nselect nope;\ninsert into a values (1);\nsavepoint x;\ninsert into a values (2);\nrollback to x;\ncommit;\n',
  ),
  'an explicit block that is not committed': script('begin;\ncreate table a (n int);\n'),
  'a failed block': script('begin;\ncreate table a (n int);\nselect nope;\ninsert into a values (1);\ncommit;\n'),
  'a single transaction': { script: 'create table a (n int);\nselect nope;\n', args: ['-1', '-f', 's.sql'] },
  'a single transaction with ON_ERROR_STOP': {
    script: 'create table a (n int);\nselect nope;\n',
    args: ['-1', '-v', 'ON_ERROR_STOP=1', '-f', 's.sql'],
  },
  'a single transaction that commits inside': {
    script: 'create table a (n int);\ncommit;\ncreate table b (n int);\n',
    args: ['-1', '-f', 's.sql'],
  },
  'single queries and commands': {
    args: [
      '-c',
      'create table a (n int)',
      '-c',
      '\\echo hi \\echo ho',
      '-c',
      'insert into a values (1); insert into a values (2)',
      '-c',
      'select :x',
    ],
  },
  'a failing single query': { args: ['-c', 'select nope', '-c', 'create table a (n int)'] },
  'a failing single query at the end': { args: ['-c', 'create table a (n int)', '-c', 'select nope'] },
  'a failing single command': { args: ['-c', '\\nope'] },
  'the script on standard input': {
    args: [],
    input: 'create table a (n int);\nselect nope;\n\\nope\ncopy a from stdin;\n1\n\\.\n',
  },
  'the script on standard input, by name': { args: ['-f', '-'], input: 'select nope;\n\\nope\n' },
  'copy data for a single query': {
    args: ['-c', 'create table a (n int)', '-c', 'copy a from stdin'],
    input: '1\n2\n',
  },
  'echo all': {
    script: 'select 1 as n \\gset\n\n-- comment\n  \ncreate table a (n int\n);\n',
    args: ['-a', '-f', 's.sql'],
  },
  'echo queries': {
    script:
      "\\set x 5\ncreate table a (n int -- comment\n);\ninsert into a values (:x);\nselect 'insert into a values (6)' \\gexec\n",
    args: ['-e', '-f', 's.sql'],
  },
  'echo errors': { script: "select nope;\nselect 'select nope' \\gexec\n", args: ['-b', '-f', 's.sql'] },
  quiet: { script: 'create table a (n int);\n\\r\n\\timing on\n', args: ['-q', '-f', 's.sql'] },
  'outcome variables': script(
    '\\echo :ERROR :SQLSTATE :ROW_COUNT\nselect nope;\n\\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE\ncreate table a as select generate_series(1,3);\n\\echo :ERROR :SQLSTATE :ROW_COUNT\ninsert into a values (1); update a set generate_series = 2 where :ROW_COUNT = 1;\n\\echo :ROW_COUNT\n',
  ),
  'standard_conforming_strings counts from the next line on': script(
    "set standard_conforming_strings = off; select 'a\\\\' as x \\gset\n\\echo :x\nselect 'a\\'b' as x \\gset\n\\echo :x\n",
  ),
  'connect to the same database': script(
    "create temp table t (n int);\n\\c\nselect to_regclass('t') as n \\gset\n\\echo :n\n\\c conformance\n\\c - - - -\n",
  ),
  'connect to a database that is not there': script('\\c nowhere\n\\echo no\n'),
  'connect to a database that is not there, with ON_ERROR_STOP': script(
    '\\set ON_ERROR_STOP 1\n\\c nowhere\n\\echo no\n',
  ),
  'connect with a connection string and more': script("\\c 'dbname=conformance' someone\n\\echo :DBNAME\n"),
  'connect with a connection string': script(
    "\\c 'dbname=conformance application_name=other'\nselect current_setting('application_name') as a \\gset\n\\echo :a\n",
  ),
  'connect in an open block': script('begin;\ncreate table a (n int);\n\\c\ncreate table b (n int);\n'),
  'the encoding': script(
    '\\encoding\n\\encoding LATIN1\n\\encoding\n\\echo :ENCODING\n\\encoding nope\n\\encoding UTF8\n',
  ),
  notifications: script("listen c;\nnotify c, 'hello';\nnotify c;\n"),
  prompt: { script: '\\prompt what x\n\\echo <:x>\n\\prompt y\n\\prompt z\n', input: 'answer one\n' },
  'change the directory': {
    script: '\\cd d\n\\i b.sql\n\\! basename $(pwd)\n\\cd nowhere\n',
    files: { 'd/b.sql': '\\echo b\n' },
  },
  'the connection is lost': script('select pg_terminate_backend(pg_backend_pid());\n\\echo no\n'),
  'the connection is lost, with ON_ERROR_STOP': script(
    '\\set ON_ERROR_STOP 1\nselect pg_terminate_backend(pg_backend_pid());\n\\echo no\n',
  ),
  'invalid UTF-8': { script: Buffer.from([...Buffer.from("select '"), 0xff, 0xfe, ...Buffer.from("';\n")]) },
  'tables of all kinds of values': script(
    "select 1 as n, 'text' as t, null as nothing, 1.5 as x, true as b, '{1,2}'::int[] as a;\nselect;\nselect 1 where false;\nselect 'a' || chr(10) || 'b' as lines, 2 as \"Wide 日本\";\ntable pg_am;\n",
  ),
  'inserted rows with returning': script(
    'create table a (n int);\ninsert into a values (1), (2) returning *;\nupdate a set n = n + 1 returning n;\ndelete from a returning n;\n',
  ),
  'print settings': script(
    "\\pset border 2\nselect 1 as a, 'x' as b;\n\\pset format unaligned\nselect 1 as a, 'x' as b;\n\\pset fieldsep ,\n\\pset null NULL\n\\t\nselect 1, null;\n\\t off\n\\a\n\\x\nselect 1 as a, 'x' as b;\n\\x auto\n\\C title\nselect 1;\n\\C\n\\f '|'\n\\pset nope 1\n\\pset format csv\nselect 1 as a, 'x,y' as b;\n\\pset linestyle unicode\n\\pset format aligned\nselect 1 as a;\n\\pset footer off\nselect 1 as a;\n",
  ),
  'print settings on the command line': {
    script: "select 1 as a, 'x' as b;\n",
    args: ['-A', '-t', '-F', ';', '-P', 'null=~', '-f', 's.sql'],
  },
  'expanded output on the command line': { script: "select 1 as a, 'x' as b;\n", args: ['-x', '-f', 's.sql'] },
  'csv on the command line': { script: "select 1 as a, 'x' as b;\n", args: ['--csv', '-f', 's.sql'] },
  'zero bytes as separators': {
    script: "select 1 as a, 'x' as b union select 2, 'y' order by 1;\n",
    args: ['-A', '-z', '-0', '-f', 's.sql'],
  },
  'a wrong print setting on the command line': { args: ['-P', 'format=nope', '-c', 'select 1'] },
  'a wrong variable on the command line': { args: ['-v', 'a-b=1', '-c', 'select 1'] },
  'gx and g with options': script(
    "select 1 as a, 'x' as b \\gx\nselect 1 as a, null as b \\g (format=unaligned null=~)\nselect 1 as a;\nselect 2 as a \\g (nope=1)\nselect 3 as a \\g (null=x\n",
  ),
  'g to a file and to a command': script(
    'select 1 as a \\g out.txt\n\\! cat out.txt\nselect 2 as a \\g | tr 2 3\ncopy (select 4) to stdout \\g out.txt\n\\! cat out.txt\nselect 5 \\g nowhere/out.txt\ncreate table a (n int) \\g out.txt\n',
  ),
  'output to a file': script(
    '\\o out.txt\nselect 1 as a;\ncreate table a (n int);\n\\qecho query\n\\echo standard\ncopy (select 7) to stdout;\n\\o\n\\! cat out.txt\nselect 2 as a;\n\\o nowhere/out.txt\n\\o | cat -n\nselect 3 as a;\n\\o\n',
  ),
  'write the query buffer': script('select 1\n\\w out.txt\n;\n\\! cat out.txt\n\\w\n'),
  gdesc: script(
    "select 1 as n, 'x'::varchar(3) as v, now() as t \\gdesc\ncreate table a (n int) \\gdesc\nselect nope \\gdesc\n",
  ),
  'the time a statement takes': script('\\timing\nselect 1 as a;\n\\timing off\n\\timing maybe\n'),
  'errors in other words': script(
    "\\set VERBOSITY terse\nselect nope;\n\\set VERBOSITY sqlstate\nselect nope;\n\\set VERBOSITY default\n\\set SHOW_CONTEXT always\ndo $$ begin raise notice 'n'; end $$;\n\\set SHOW_CONTEXT never\ndo $$ begin perform 1/0; end $$;\n",
  ),
  'all results or only the last': script(
    'select 1 as a\\; select 2 as b;\n\\set SHOW_ALL_RESULTS off\nselect 1 as a\\; select 2 as b;\nselect 1 as a\\; create table t (n int);\n',
  ),
  'output of the command line': {
    script: 'select 1 as a;\ncreate table a (n int);\n\\! cat out.txt\n',
    args: ['-o', 'out.txt', '-f', 's.sql'],
  },
  'a log file': {
    script: "select 1 as a;\ninsert into nope values (1);\n\\! cat log.txt | grep -v '^\\*'\n",
    args: ['-L', 'log.txt', '-f', 's.sql'],
  },
  conninfo: script('\\conninfo\n'),
  'listing variables': script('\\set one 1\n\\set\n'),
  'the startup options of a failing connection': { args: ['-d', 'nowhere', '-c', 'select 1'] },
  'a connection string on the command line': { args: ['dbname=conformance', '-c', 'select current_database()'] },
  'too many arguments': { args: ['conformance', 'root', 'more', '-c', 'select 1'] },
  'too many arguments, quietly': { args: ['conformance', 'root', 'more', '-q', '-c', 'select 1'] },
  'single lines': { script: 'create table a (n int)\nselect 1 as a\n', args: ['-S', '-f', 's.sql'] },
  'the last error in all words': script('\\errverbose\nselect nope;\n\\errverbose\n'),
  'a function and a view as text': script(
    "create function f(a int) returns int language sql as 'select a';\n\\sf f\n\\sf+ f(int)\n\\sf nope\ncreate view v as select 1 as n;\n\\sv v\n\\sv+ v\n\\sv nope\n\\sv f\n",
  ),
  'a cross table': script(
    "create table a (r text, c text, v int);\ninsert into a values ('x','p',1),('x','q',2),('y','p',3);\nselect * from a order by 1,2 \\crosstabview\nselect * from a order by 1,2 \\crosstabview r c v\nselect * from a order by 1,2 \\crosstabview r r\nselect 1 as a \\crosstabview\nselect r,c,v from a union all select 'x','p',9 \\crosstabview\n",
  ),
  'descriptions of what there is': script(
    "create table a (id int primary key, name text default 'x', at timestamptz);\ncreate index on a (name);\ncreate view v as select * from a;\n\\d a\n\\d v\n\\d nope\n\\dn\n\\df lower\n\\dzz\n\\set ON_ERROR_STOP 1\n\\d nope\n\\echo no\n",
  ),
  'large objects': {
    script:
      "\\lo_import in.txt 'a comment'\n\\lo_export :LASTOID out.txt\n\\! cat out.txt\nselect obj_description(:LASTOID, 'pg_largeobject') as c;\n\\lo_unlink :LASTOID\n\\lo_import missing\n\\lo_export 1\n",
    files: { 'in.txt': 'bytes\n' },
  },
  'a fault behind the name of an included file comes after what the file does': {
    script: "\\i b.sql '\n\\i b.sql extra\n",
    files: { 'b.sql': 'select 1/0;\nselect nope;\n' },
  },
  'home directories of accounts': script(
    '\\i ~daemon/missing.sql\n\\i ~nobody-at-all/missing.sql\n\\cd ~daemon\n\\! pwd\n',
  ),
  'terms of use': script('\\copyright extra\n\\echo end\n'),
  'rows in portions': script(
    "\\set FETCH_COUNT 2\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\nselect count(*) from pg_am where false;\nselect 1 as a where false;\nvalues (1), (2), (3), (4);\n\\pset border 2\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\n\\pset format unaligned\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\n\\pset format csv\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\n\\pset format aligned\n\\x on\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\n\\x off\n\\t on\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\n\\t off\n\\pset border 1\n\\echo :ROW_COUNT\nselect 10 / (4 - n) as q from generate_series(1, 5) n;\n\\echo :ERROR :ROW_COUNT\nselect n, repeat('x', n) as x from generate_series(1, 5) n \\g out.txt\n\\! cat out.txt\nselect 7 as seven \\gset\n\\echo :seven\nselect 'select 8 as eight' from generate_series(1, 3) \\gexec\nbegin;\nselect 1 as a union all select 2 union all select 3;\ncommit;\ncreate table a (n int);\n\\o out.txt\nselect n, repeat('x', n) as x from generate_series(1, 5) n;\n\\o\n\\! cat out.txt\n",
  ),
};
