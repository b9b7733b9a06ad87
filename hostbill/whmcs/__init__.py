"""The API that programs written for WHMCS speak, over this product's own actions. See docs/whmcs-api.md."""
