//! What stands on the page, as values: made to stand there, and changed into others where they differ.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, HtmlElement};

use super::page;

/// An element: either with a text in it, or with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    tag: &'static str,
    /// Its class for ever. What changes is an attribute.
    class: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An element with nothing in it.
    #[must_use]
    pub fn new(tag: &'static str, class: &'static str) -> Self {
        Self {
            tag,
            class,
            ..Self::default()
        }
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    /// Puts a text in it; it is never read as markup.
    pub fn say(&mut self, text: &str) -> &mut Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Puts another element in it, behind those that are there.
    pub fn add(&mut self, tag: &'static str, class: &'static str) -> &mut Self {
        self.insert(self.children.len(), tag, class)
    }

    /// Puts another element in it, behind so many of those that are there.
    pub fn insert(&mut self, place: usize, tag: &'static str, class: &'static str) -> &mut Self {
        self.children.insert(place, Self::new(tag, class));
        &mut self.children[place]
    }

    /// Puts an element in it that is there already.
    pub fn put(&mut self, element: Self) {
        self.children.push(element);
    }

    /// The last element in it.
    ///
    /// # Panics
    /// If there is none.
    pub fn last(&mut self) -> &mut Self {
        let place = self.children.len() - 1;
        &mut self.children[place]
    }

    /// The element before the last.
    ///
    /// # Panics
    /// If there is none.
    pub fn last_but_one(&mut self) -> &mut Self {
        let place = self.children.len() - 2;
        &mut self.children[place]
    }

    /// What kind of element it is.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.tag
    }

    /// The text in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The elements in it.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// An attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(attribute, _)| *attribute == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Makes it.
    ///
    /// # Panics
    /// Without a page.
    #[must_use]
    #[allow(clippy::expect_used)]
    pub fn make(&self) -> web_sys::Element {
        let document = page::document().expect("a page");
        let made = document.create_element(self.tag).expect("a good name");
        if !self.class.is_empty() {
            made.set_class_name(self.class);
        }
        self.change(&Self::new(self.tag, self.class), &made);
        made
    }

    /// Changes what was made of `old`, which has the same tag and class, into this.
    pub fn change(&self, old: &Self, made: &web_sys::Element) {
        if self.text != old.text {
            made.set_text_content(Some(&self.text));
        }
        if self.attributes != old.attributes {
            for (name, _) in &old.attributes {
                let _ = made.remove_attribute(name);
            }
            for (name, value) in &self.attributes {
                let _ = made.set_attribute(name, value);
            }
        }
        let mut next = made.first_element_child();
        let mut rest = old.children.iter().peekable();
        for (place, child) in self.children.iter().enumerate() {
            let mut is_there = false;
            // What does not come any more goes first, so that what stays stays the same element, with its focus.
            while let (Some(here), Some(old)) = (&next, rest.peek()) {
                let after = here.next_element_sibling();
                is_there = child.is_like(old);
                if is_there {
                    child.change(old, here);
                } else if self.children[place..].iter().any(|new| new.is_like(old)) {
                    break;
                } else {
                    here.remove();
                }
                rest.next();
                next = after;
                if is_there {
                    break;
                }
            }
            if !is_there {
                let _ = made.insert_before(&child.make(), next.as_deref());
            }
        }
        while let Some(here) = next {
            next = here.next_element_sibling();
            here.remove();
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.tag == other.tag && self.class == other.class
    }
}

/// Makes an element and puts it into another, before all that is there.
///
/// # Panics
/// Without a page.
pub fn put_into(place: &HtmlElement, element: &Element) -> web_sys::Element {
    let made = element.make();
    // The browser refuses this only for what stands around the place itself.
    let _ = place.insert_before(&made, place.first_element_child().as_deref());
    made
}

/// Calls `press` with the `value` of whatever button is pressed in this element, now and later.
pub fn on_press(element: &HtmlElement, press: impl Fn(&str) + 'static) {
    let press = move |event: Event| {
        let target = event
            .target()
            .map(JsCast::unchecked_into::<web_sys::Element>);
        let value = target.and_then(|target| target.get_attribute("value"));
        if let Some(value) = value {
            press(&value);
        }
    };
    let press = Closure::<dyn Fn(Event)>::new(press).into_js_value();
    let _ = element.add_event_listener_with_callback("click", press.unchecked_ref());
}
