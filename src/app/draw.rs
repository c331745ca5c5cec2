//! The one view that draws every page. A typed view for each of its parts would cost every visitor 6 KB.

use leptos::tachys::renderer::types;
use leptos::tachys::view::{Mountable, Render};

use crate::browser::elements::Element;

/// A page as it should be.
pub struct Page(pub Element);

/// A page that is there.
pub struct Drawn {
    page: Element,
    made: types::Element,
}

impl Render for Page {
    type State = Drawn;

    fn build(self) -> Drawn {
        Drawn {
            made: self.0.make(),
            page: self.0,
        }
    }

    fn rebuild(self, drawn: &mut Drawn) {
        self.0.change(&drawn.page, &drawn.made);
        drawn.page = self.0;
    }
}

impl Mountable for Drawn {
    fn unmount(&mut self) {
        self.made.remove();
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        // The browser refuses this only for a marker that is elsewhere.
        let _ = parent.insert_before(&self.made, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = self.made.parent_element();
        if let Some(parent) = &parent {
            child.mount(parent, Some(&self.made));
        }
        parent.is_some()
    }

    fn elements(&self) -> Vec<types::Element> {
        vec![self.made.clone()]
    }
}
