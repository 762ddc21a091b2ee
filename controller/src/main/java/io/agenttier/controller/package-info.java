/** The controller: turns {@code Sandbox} objects into isolated pods and keeps the certificates of the installation. */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller;
