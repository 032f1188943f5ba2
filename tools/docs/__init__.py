"""Makes the generated pages of ``docs``; a test holds that what is committed is what they make."""
