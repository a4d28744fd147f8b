//! What a walk through a PDF finds.

use std::collections::BTreeMap;
use std::ops::Range;

/// The number and generation of an object.
pub type Name = (usize, usize);

/// What stands in an object, a list, or behind a key; of most only where.
#[derive(Clone, Debug)]
pub enum Value {
    Name(Range<usize>),
    Text(Range<usize>),
    Number(Option<usize>),
    Reference(Name),
    /// Between its brackets.
    Dictionary(Range<usize>),
    /// Its names.
    List(Vec<Range<usize>>),
    Stream(Range<usize>),
    Other,
}

/// How a stream is packed, as far as that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Jpeg2000,
    /// Objects, compressed or not.
    Objects {
        compressed: bool,
    },
    Metadata,
    /// Compressed, and no picture: a page's own text may hold pictures all the same.
    Text,
}

/// All that has to be looked at or blanked.
#[derive(Default)]
pub struct Found {
    pub objects: BTreeMap<Name, Vec<Value>>,
    pub blanks: Vec<Range<usize>>,
    /// Texts that stand in objects of their own.
    pub texts: Vec<Name>,
    /// Descriptions of the file.
    pub infos: Vec<Value>,
    /// Data of other programs.
    pub private: Vec<Value>,
    /// XMP.
    pub metadata: Vec<Name>,
    pub streams: Vec<(Kind, Range<usize>)>,
}
