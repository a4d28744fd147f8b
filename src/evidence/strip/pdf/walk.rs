//! A PDF walked from its beginning to its end: its objects, what in them is metadata, and its streams.

use std::ops::Range;

use super::super::bytes_at::find;
use super::found::{Found, Kind, Name, Value};
use super::names::{KEYWORDS, REFUSED, SIGNED, TOLD, plain};
use super::tokens::{Token, is_over, is_space, token};

/// Dictionaries and lists in each other, and entries of one. Only a file made to cost time has more.
const DEEP: usize = 64;
const WIDE: usize = 65_536;
struct Walk<'a> {
    file: &'a [u8],
    /// Whether these are objects without their names, out of a stream.
    packed: bool,
    found: Found,
    /// Open dictionaries and lists: where they begin, what is in them so far, and whether it is a list.
    open: Vec<(usize, Vec<Value>, bool)>,
    /// What stands outside of them.
    top: Vec<Value>,
    object: Option<Name>,
    /// The last dictionary that was closed.
    last: Vec<(Range<usize>, Value)>,
}

/// Walks a file, or objects out of a stream; `None` where it cannot be told apart or must be refused.
pub fn walk(file: &[u8], packed: bool) -> Option<Found> {
    let mut walk = Walk {
        file,
        packed,
        found: Found::default(),
        open: Vec::new(),
        top: Vec::new(),
        object: None,
        last: Vec::new(),
    };
    let mut at = 0;
    while !is_over(file, at) {
        let (token, end) = token(file, at)?;
        at = walk.step(token, end)?;
    }
    walk.open.is_empty().then_some(walk.found)
}

/// References to other objects in a part.
pub fn references(file: &[u8], part: Range<usize>) -> Option<Vec<Name>> {
    let file = file.get(..part.end)?;
    let (mut at, mut found, mut numbers) = (part.start, Vec::new(), [None, None]);
    while !is_over(file, at) {
        let (token, end) = token(file, at)?;
        at = end;
        numbers = match token {
            Token::Word(word) => {
                let word = file.get(word)?;
                if let (b"R", [Some(number), Some(generation)]) = (word, numbers) {
                    found.push((number, generation));
                }
                [numbers[1], number(word)]
            }
            _ => [None, None],
        };
    }
    Some(found)
}

fn number(word: &[u8]) -> Option<usize> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

impl Walk<'_> {
    fn step(&mut self, token: Token, end: usize) -> Option<usize> {
        match token {
            Token::Name(name) => self.push(Value::Name(name))?,
            Token::Text(text) => {
                if self.object.is_none() && self.open.is_empty() && !self.packed {
                    self.found.blanks.push(text.clone());
                }
                self.push(Value::Text(text))?;
            }
            Token::Comment(comment) => self.comment(comment)?,
            Token::Stray(stray) => self.found.blanks.push(stray),
            Token::Open | Token::OpenList => {
                (self.open.len() < DEEP).then_some(())?;
                let is_list = token == Token::OpenList;
                self.open.push((end, Vec::new(), is_list));
            }
            Token::CloseList | Token::Close => {
                let (start, inside, is_list) = self.open.pop()?;
                (is_list == (token == Token::CloseList)).then_some(())?;
                let value = if is_list {
                    let names = inside.into_iter().filter_map(|value| match value {
                        Value::Name(name) => Some(name),
                        _ => None,
                    });
                    Value::List(names.collect())
                } else {
                    self.dictionary(inside)?;
                    Value::Dictionary(start..end - 2)
                };
                self.push(value)?;
            }
            Token::Word(word) => return self.word(word, end),
        }
        Some(end)
    }

    fn push(&mut self, value: Value) -> Option<()> {
        match self.open.last_mut() {
            // Of a list only names matter, and what a reference may be made of.
            Some((_, inside, true)) => {
                let counts = matches!(value, Value::Name(_) | Value::Number(_));
                if counts && inside.len() < DEEP {
                    inside.push(value);
                }
            }
            Some((_, inside, false)) => {
                (inside.len() < WIDE).then_some(())?;
                inside.push(value);
            }
            None => {
                if self.top.len() >= DEEP {
                    self.top.drain(..DEEP / 2);
                }
                self.top.push(value);
            }
        }
        Some(())
    }

    fn word(&mut self, place: Range<usize>, end: usize) -> Option<usize> {
        let word = self.file.get(place.clone())?;
        match word {
            b"R" => {
                let inside = self
                    .open
                    .last_mut()
                    .map_or(&mut self.top, |open| &mut open.1);
                let value = match inside.as_slice() {
                    [
                        ..,
                        Value::Number(Some(number)),
                        Value::Number(Some(generation)),
                    ] => Value::Reference((*number, *generation)),
                    _ => return Some(end),
                };
                inside.truncate(inside.len() - 2);
                self.push(value)?;
            }
            b"obj" if self.open.is_empty() => {
                let name = match self.top.as_slice() {
                    [
                        ..,
                        Value::Number(Some(number)),
                        Value::Number(Some(generation)),
                    ] => (*number, *generation),
                    _ => return None,
                };
                self.top.clear();
                self.object = Some(name);
            }
            b"endobj" if self.open.is_empty() => {
                if let (Some(name), Some(value)) = (self.object.take(), self.top.pop()) {
                    self.found.objects.entry(name).or_default().push(value);
                }
                self.top.clear();
            }
            b"stream" if self.open.is_empty() => {
                matches!(self.top.pop(), Some(Value::Dictionary(_))).then_some(())?;
                let (data, end) = self.data(end)?;
                self.stream(&data)?;
                self.top.push(Value::Stream(data));
                return Some(end);
            }
            word => {
                let is_number = word
                    .iter()
                    .all(|b| b.is_ascii_digit() || b"+-.".contains(b));
                let outside = self.object.is_none() && self.open.is_empty() && !self.packed;
                // The tables of places are of whole numbers.
                if !KEYWORDS.contains(&word) && (!is_number || outside && word.contains(&b'.')) {
                    self.found.blanks.push(place);
                    return Some(end);
                }
                let value = if is_number {
                    Value::Number(number(word))
                } else {
                    Value::Other
                };
                self.push(value)?;
            }
        }
        Some(end)
    }

    /// The version stays, the second line's mark of a binary file, and the mark of the end.
    fn comment(&mut self, place: Range<usize>) -> Option<()> {
        let text = self.file.get(place.clone())?;
        let is_binary = text.len() <= 5
            && text
                .get(1..)
                .is_some_and(|rest| rest.iter().all(|byte| *byte >= 0x80));
        let stays = if place.start == 0 {
            8
        } else if text.starts_with(b"%%EOF") {
            5
        } else if is_binary {
            text.len()
        } else {
            0
        };
        let rest = place.start + stays.min(text.len())..place.end;
        self.found.blanks.push(rest);
        Some(())
    }

    fn is(&self, name: &Range<usize>, known: &[&[u8]]) -> bool {
        let name = self.file.get(name.clone()).unwrap_or_default();
        if memchr::memchr(b'#', name).is_some() {
            return known.contains(&plain(name).as_slice());
        }
        known.contains(&name)
    }

    fn value<'v>(&self, entries: &'v [(Range<usize>, Value)], key: &[u8]) -> Option<&'v Value> {
        let entry = entries.iter().find(|(name, _)| self.is(name, &[key]));
        entry.map(|(_, value)| value)
    }

    /// Whether an entry is one of these names.
    fn says(&self, entries: &[(Range<usize>, Value)], key: &[u8], names: &[&[u8]]) -> bool {
        match self.value(entries, key) {
            Some(Value::Name(name)) => self.is(name, names),
            _ => false,
        }
    }

    fn text(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.found.blanks.push(text.clone()),
            Value::Reference(name) => self.found.texts.push(*name),
            _ => {}
        }
    }

    fn dictionary(&mut self, inside: Vec<Value>) -> Option<()> {
        let mut entries = Vec::new();
        let mut inside = inside.into_iter();
        while let Some(key) = inside.next() {
            let Value::Name(key) = key else {
                continue;
            };
            entries.push((key, inside.next()?));
        }
        let has = |key: &[u8]| self.value(&entries, key).is_some();
        let is_field = has(b"FT")
            || has(b"Kids")
            || has(b"Parent") && !has(b"Subtype")
            || self.says(&entries, b"Subtype", &[b"Widget"]);
        let is_signature =
            has(b"ByteRange") || self.says(&entries, b"Type", &[b"Sig", b"DocTimeStamp"]);
        for (key, value) in &entries {
            if self.is(key, REFUSED) {
                return None;
            } else if self.is(key, TOLD)
                || self.is(key, &[b"T", b"Subj"]) && !is_field
                || is_signature && self.is(key, SIGNED)
            {
                self.text(value);
            } else if self.is(key, &[b"Info"]) {
                self.found.infos.push(value.clone());
            } else if self.is(key, &[b"PieceInfo"]) {
                self.found.private.push(value.clone());
            } else if self.is(key, &[b"Metadata"])
                && let Value::Reference(name) = value
            {
                self.found.metadata.push(*name);
            }
        }
        self.last = entries;
        Some(())
    }

    /// Where the data of a stream lies, and where what follows begins. A length that stands elsewhere is not
    /// looked up: the data ends where its end is said to be.
    fn data(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let start = match self.file.get(at..)? {
            [b'\r', b'\n', ..] => at + 2,
            [b'\r' | b'\n', ..] => at + 1,
            _ => at,
        };
        let ends = |end: &usize| {
            let rest = self.file.get(*end..).unwrap_or_default();
            let blank = rest.iter().take(2).take_while(|b| is_space(**b)).count();
            rest.get(blank..)
                .is_some_and(|rest| rest.starts_with(b"endstream"))
        };
        let said = match self.value(&self.last, b"Length") {
            Some(Value::Number(Some(length))) => start.checked_add(*length).filter(ends),
            _ => None,
        };
        let mark = find(self.file, said.unwrap_or(start), b"endstream")?;
        let end = said.unwrap_or_else(|| {
            let before = self.file.get(start..mark).unwrap_or_default();
            match before {
                [.., b'\r', b'\n'] => mark - 2,
                [.., b'\r' | b'\n'] => mark - 1,
                _ => mark,
            }
        });
        Some((start..end, mark + 9))
    }

    fn stream(&mut self, data: &Range<usize>) -> Option<()> {
        let entries = std::mem::take(&mut self.last);
        let is = |key: &[u8], names: &[&[u8]]| self.says(&entries, key, names);
        if is(b"Type", &[b"EmbeddedFile"]) {
            return None;
        }
        let filters = match self.value(&entries, b"Filter") {
            None => Vec::new(),
            Some(Value::Name(name)) => vec![name.clone()],
            Some(Value::List(names)) => names.clone(),
            Some(_) => return None,
        };
        let packed_as = |names: &[&[u8]]| filters.iter().any(|filter| self.is(filter, names));
        let alone = filters.len() == 1;
        let kind = if is(b"Type", &[b"Metadata"]) || is(b"Subtype", &[b"XML"]) {
            Kind::Metadata
        } else if is(b"Type", &[b"ObjStm"]) {
            let compressed = packed_as(&[b"FlateDecode"]);
            let known = filters.is_empty() || compressed && alone;
            let plain = self.value(&entries, b"DecodeParms").is_none();
            (known && plain).then_some(())?;
            Kind::Objects { compressed }
        } else if packed_as(&[b"DCTDecode", b"DCT"]) {
            // A picture compressed twice is not unpacked.
            alone.then_some(())?;
            Kind::Jpeg
        } else if packed_as(&[b"JPXDecode"]) {
            alone.then_some(())?;
            Kind::Jpeg2000
        } else if packed_as(&[b"Crypt"]) {
            return None;
        } else if alone && packed_as(&[b"FlateDecode"]) && !is(b"Subtype", &[b"Image"]) {
            Kind::Text
        } else {
            return Some(());
        };
        self.found.streams.push((kind, data.clone()));
        Some(())
    }
}
