-- The database of Stadtbote 0.1.0, as that release laid it out and filled it. {moment} and {number} differ by database.
CREATE TABLE faq_counter (id INTEGER NOT NULL, serial INTEGER NOT NULL, PRIMARY KEY (id));
CREATE TABLE faq_events (
  serial INTEGER NOT NULL, entry VARCHAR(160) NOT NULL, revision VARCHAR(32), "by" VARCHAR(120) NOT NULL,
  at {moment} NOT NULL, PRIMARY KEY (serial)
);
CREATE TABLE faq_revisions (
  id VARCHAR(32) NOT NULL, entry VARCHAR(160) NOT NULL, number INTEGER NOT NULL, content TEXT NOT NULL,
  status VARCHAR(16) NOT NULL, author VARCHAR(120) NOT NULL, at {moment} NOT NULL,
  PRIMARY KEY (id), UNIQUE (entry, number)
);
CREATE TABLE faq_entries (
  entry VARCHAR(160) NOT NULL, head VARCHAR(32) NOT NULL, live VARCHAR(32), status VARCHAR(16) NOT NULL,
  topic VARCHAR(160) NOT NULL, question TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (entry),
  FOREIGN KEY(head) REFERENCES faq_revisions (id), FOREIGN KEY(live) REFERENCES faq_revisions (id)
);
CREATE INDEX faq_entries_topic ON faq_entries (topic);
CREATE TABLE accounts (
  name VARCHAR(64) NOT NULL, display_name VARCHAR(120) NOT NULL, hash VARCHAR(255) NOT NULL, role VARCHAR(16) NOT NULL,
  teams VARCHAR(1000) NOT NULL, language VARCHAR(8) NOT NULL, disabled BOOLEAN NOT NULL, generation INTEGER NOT NULL,
  PRIMARY KEY (name)
);
CREATE TABLE audit (
  id {number} NOT NULL, at {moment} NOT NULL, who VARCHAR(64) NOT NULL, what VARCHAR(64) NOT NULL,
  object VARCHAR(200) NOT NULL, PRIMARY KEY (id)
);
CREATE INDEX ix_audit_at ON audit (at);
INSERT INTO faq_counter VALUES (1, 1);
INSERT INTO faq_revisions VALUES (
  '{id}', 'hund', 1, '{content}', 'published', 'kim', '2026-11-02 08:30:00.000000'
);
INSERT INTO faq_entries VALUES (
  'hund', '{id}', '{id}', 'published', 'steuern', 'Wie melde ich meinen Hund an?',
  'hund' || CHR(10) || 'wie melde ich meinen hund an?' || CHR(10) || 'hund anmelden'
);
INSERT INTO faq_events VALUES (1, 'hund', '{id}', 'toni', '2026-11-02 08:31:00.000000');
INSERT INTO accounts VALUES (
  'kim', 'Kim Berger', '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$uYGH8VvUvMDWWzeMC0xV3A', 'clerk', 'a,b', 'de', FALSE, 3
);
INSERT INTO audit (at, who, what, object) VALUES ('2026-11-02 08:31:00.000000', 'toni', 'entry.published', 'hund');
