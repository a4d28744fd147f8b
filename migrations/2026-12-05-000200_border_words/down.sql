drop table border_words;
