"""Work that takes minutes, done beside the workers: ordered in SQL (faq.jobs), each in a process of its own."""
